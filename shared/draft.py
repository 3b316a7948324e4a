"""The outputs of one record, and the lazy folding of each fact into the state (design: R2, R4)."""

from collections.abc import Iterator
from typing import Generic

from shared.broker import MAX_RECORD_BYTES, Outgoing, RecordTooLarge
from shared.catalogue.codec import encode
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.envelope import Body, Envelope
from shared.catalogue.facts import Fact
from shared.catalogue.topics import COMMANDS, DELIVERIES
from shared.clock import Ms
from shared.emissions import Ask, Emission
from shared.ids import fact_id, named_id
from shared.logic import Line, Logic, S

HEADERS_BYTES = 8 << 10
"""More than the attributes of an envelope ever take."""


class Draft(Generic[S]):
    """The emissions of one record, on their way to becoming records."""

    def __init__(self, logic: Logic[S], line: Line[S], cause: Envelope, at: Ms, offset: int) -> None:
        self._logic, self._line, self._cause, self._at, self._offset = logic, line, cause, at, offset
        self._facts: list[Envelope] = []
        self._others: list[tuple[str, Envelope]] = []
        self.begun = False
        """Whether a fact was given to the state, be it in vain: from then on the state is no longer as it was."""

    def take(self, rule: Iterator[Emission]) -> None:
        """Fold each fact before the rule's next line runs."""
        for emission in rule:
            if isinstance(emission, Ask):
                parent = self._facts[-1].id if self._facts else self._cause.id
                ask_id = emission.id or named_id(parent, self._logic.source, emission.name)
                ask = self._envelope(ask_id, emission.command)
                self._others.append((COMMANDS.name, ask))
            elif isinstance(emission, DeliverMessage):
                delivery = self._envelope(emission.delivery, emission, self._line.delivered)
                self._others.append((DELIVERIES.name, delivery))
            else:
                self._fold(emission)

    def _fold(self, fact: Fact) -> None:
        line, topic = self._line, self._logic.topic.name
        self.begun = True
        self._logic.evolve(line.state, fact, self._at)
        line.seq += 1
        line.time = self._at
        line.delivered += isinstance(fact, self._logic.counts or ())
        self._facts.append(self._envelope(fact_id(line.desk, topic, line.seq), fact, line.seq))

    def _envelope(self, envelope_id: str, body: Body, seq: int = 0) -> Envelope:
        cause = self._cause
        return Envelope(
            envelope_id, self._logic.source, self._at, self._line.organisation, self._line.desk,
            cause.correlation, cause.id, body, seq, self._offset if seq else -1,
        )  # fmt: skip

    def records(self, partition: int) -> list[Outgoing]:
        """Facts first, the final one marked, then what accompanies them. Raises RecordTooLarge: a fault of the rule."""
        if self._facts:
            self._facts[-1] = self._facts[-1]._replace(last=True)
        topic = self._logic.topic.name
        records = [encode(fact, topic, partition) for fact in self._facts]
        records += [encode(other, name, partition) for name, other in self._others]
        for record in records:
            if len(record.value) > MAX_RECORD_BYTES - HEADERS_BYTES:
                raise RecordTooLarge(f"{len(record.value)} bytes for {record.topic}")
        return records
