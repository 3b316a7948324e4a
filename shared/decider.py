"""The fold of router, sla and survey: per desk a state, a dense seq, and rules that yield facts (design: R2, R4, R5)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

import orjson

from shared.broker import Outgoing, Record
from shared.catalogue.codec import Malformed, decode, encode
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.envelope import Body, Envelope
from shared.catalogue.facts import Fact
from shared.catalogue.topics import COMMANDS, DELIVERIES, Topic
from shared.clock import Ms
from shared.emissions import Ask, Emission, Output, Unreadable
from shared.fold import Gap, Spoiled
from shared.ids import fact_id, named_id
from shared.tables import Table


class State(Protocol):
    """One desk, as one service sees it. It must survive `rest`/`restore` and its tables' save unchanged."""

    def tables(self) -> Mapping[str, Table[Any]]:
        """What is large, by name."""

    def rest(self) -> dict[str, Any]:
        """Everything else, as JSON; called at every save, so small."""

    def restore(self, rest: dict[str, Any]) -> None:
        """Take `rest` in, after the tables, and derive what is not saved."""


S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Logic(Generic[S]):
    """What a deciding service is: its rules as functions.

    `decide` yields emissions lazily; every fact is given to `evolve` before the next line of `decide` runs.
    `broken` says what to emit for a record whose rule fails; `counts` is the fact that accompanies each delivery.
    `folds_own` tells how a lost checkpoint is made good: from the own facts (their input is kept only for days), or by
    deciding the whole input again.
    """

    source: str
    topic: Topic
    open: Callable[[str, str], S]
    decide: Callable[[S, Envelope, Ms], Iterator[Emission]]
    evolve: Callable[[S, Fact, Ms], None]
    next_timer: Callable[[S], Ms | None]
    broken: Callable[[S, Envelope], Iterator[Emission]]
    folds_own: bool = False
    counts: type[Fact] | None = None


@dataclass(slots=True)
class Line(Generic[S]):
    """A desk's place in the logs: its time, how many records it has written and read."""

    desk: str
    organisation: str
    state: S
    time: Ms = 0
    seq: int = 0
    delivered: int = 0
    mark: int = 0


class Decider(Generic[S]):
    """A Fold over all desks of one partition."""

    def __init__(self, logic: Logic[S], partition: int) -> None:
        self._logic = logic
        self._partition = partition
        self._lines: dict[str, Line[S]] = {}
        self._condemned: set[int] = set()
        self._groups: dict[str, list[Envelope]] = {}
        self._published = -1

    @property
    def recovers_from(self) -> str | None:
        return self._logic.topic.name

    @property
    def states(self) -> Mapping[str, S]:
        """The desks' states, to look at."""
        return {desk: line.state for desk, line in self._lines.items()}

    def apply(self, record: Record) -> list[Output]:
        try:
            envelope = decode(record)
        except Malformed as fault:
            return [Unreadable(record, str(fault))]
        line = self._line(envelope)
        at = max(line.time, envelope.time if envelope.seq else record.appended_at)
        if envelope.seq:
            if envelope.seq <= line.mark:
                return []
            if envelope.seq != line.mark + 1:
                raise Gap(f"{record.topic} {envelope.desk}: seq {envelope.seq} after {line.mark}")
        outputs = self._emit(line, envelope, at, record)
        if envelope.seq:
            line.mark, line.time = envelope.seq, at
        # what was published before a rebuild is decided again but not sent again; the last group may be half there
        return [] if record.offset < self._published else outputs

    def timers(self) -> dict[str, tuple[str, Ms]]:
        due = ((line, self._logic.next_timer(line.state)) for line in self._lines.values())
        return {line.desk: (line.organisation, at) for line, at in due if at is not None}

    def condemn(self, offset: int) -> None:
        self._condemned.add(offset)

    def _line(self, envelope: Envelope) -> Line[S]:
        line = self._lines.get(envelope.desk)
        if line is None:
            state = self._logic.open(envelope.desk, envelope.organisation)
            line = self._lines[envelope.desk] = Line(envelope.desk, envelope.organisation, state)
        return line

    def _emit(self, line: Line[S], envelope: Envelope, at: Ms, record: Record) -> list[Output]:
        """All outputs of one record. A rule that fails leaves the state as it was, or is reported as Spoiled."""
        broken: list[Output] = []
        if record.offset in self._condemned:
            rule = self._logic.broken(line.state, envelope)
            broken = [Unreadable(record, "a rule failed on it")]
        else:
            rule = self._logic.decide(line.state, envelope, at)
        draft = _Draft(self._logic, line, envelope, at, record.offset)
        try:
            draft.take(rule)
        except (MemoryError, RecursionError):
            raise
        except Exception as fault:
            if broken:
                raise
            raise Spoiled(record.offset) from fault
        return [*draft.records(self._partition), *broken]

    def recover(self, own: Record) -> int | None:
        envelope = decode(own)
        if not self._logic.folds_own:
            self._published = max(self._published, envelope.position)
            return None
        line = self._line(envelope)
        group = self._groups.setdefault(line.desk, [])
        newest = group[-1].seq if group else line.seq
        if envelope.seq <= newest:
            return None
        if envelope.seq != newest + 1:
            raise Gap(f"{own.topic} {line.desk}: seq {envelope.seq} after {newest}")
        group.append(envelope)
        if not envelope.last:
            return None
        for fact in group:
            self._logic.evolve(line.state, fact.body, fact.time)
            line.time = fact.time
            line.delivered += isinstance(fact.body, self._logic.counts or ())
        line.seq = envelope.seq
        group.clear()
        return envelope.position + 1

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        frozen: list[tuple[str, Table[Any], int]] = []
        rests: list[tuple[str, bytes]] = []
        for desk, line in self._lines.items():
            tables = line.state.tables()
            for name, table in tables.items():
                frozen += [(f"{desk}/{name}/{bucket}", table, bucket) for bucket in table.freeze()]
            own = {
                "organisation": line.organisation, "time": line.time, "seq": line.seq, "delivered": line.delivered,
                "mark": line.mark, "slots": {name: table.next_slot for name, table in tables.items()},
            }  # fmt: skip
            rests.append((f"{desk}/rest", orjson.dumps([own, line.state.rest()])))
        return chain(rests, ((name, table.write(bucket)) for name, table, bucket in frozen))

    def unsaved(self) -> None:
        for line in self._lines.values():
            for table in line.state.tables().values():
                table.soil()

    def load(self, chunks: Mapping[str, bytes]) -> None:
        for name in sorted(name for name in chunks if name.endswith("/rest")):
            desk = name.removesuffix("/rest")
            own, rest = orjson.loads(chunks[name])
            slots = own.pop("slots")
            line = Line(desk, state=self._logic.open(desk, own["organisation"]), **own)
            for table_name, table in line.state.tables().items():
                prefix = f"{desk}/{table_name}/"
                buckets = sorted(int(chunk.removeprefix(prefix)) for chunk in chunks if chunk.startswith(prefix))
                for bucket in buckets:
                    table.load(chunks[f"{prefix}{bucket}"])
                table.next_slot = slots[table_name]
            line.state.restore(rest)
            self._lines[desk] = line


class _Draft(Generic[S]):
    """The emissions of one record, on their way to becoming records."""

    def __init__(self, logic: Logic[S], line: Line[S], cause: Envelope, at: Ms, offset: int) -> None:
        self._logic, self._line, self._cause, self._at, self._offset = logic, line, cause, at, offset
        self._facts: list[Envelope] = []
        self._others: list[tuple[str, Envelope]] = []

    def take(self, rule: Iterator[Emission]) -> None:
        """Fold each fact before the rule's next line runs."""
        for emission in rule:
            if isinstance(emission, Ask):
                parent = self._facts[-1].id if self._facts else self._cause.id
                ask = self._envelope(named_id(parent, self._logic.source, emission.name), emission.command)
                self._others.append((COMMANDS.name, ask))
            elif isinstance(emission, DeliverMessage):
                delivery = self._envelope(emission.delivery, emission, self._line.delivered)
                self._others.append((DELIVERIES.name, delivery))
            else:
                self._fold(emission)

    def _fold(self, fact: Fact) -> None:
        line, topic = self._line, self._logic.topic.name
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

    def records(self, partition: int) -> Iterator[Outgoing]:
        """Facts first, the final one marked, then what accompanies them."""
        if self._facts:
            self._facts[-1] = replace(self._facts[-1], last=True)
        for fact in self._facts:
            yield encode(fact, self._logic.topic.name, partition)
        for topic, other in self._others:
            yield encode(other, topic, partition)
