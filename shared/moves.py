"""Desks on the move between installations: which are sealed here, and what is to be known of one that came from elsewhere.

Both are noted with the desk's place. They change only while no service runs that decides for the desk; doors may run on,
so they look again every two seconds.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from shared.broker import Broker, BrokerUnavailable, Outgoing, Place
from shared.catalogue.topics import COMMANDS
from shared.clock import SECOND, Clock, Ms
from shared.desks import DESKS, INSTALLATION
from shared.documents import Documents, DocumentsUnavailable, all_of

LOOK_EVERY: Ms = 2 * SECOND
TRUSTED: Ms = 15 * SECOND
"""So long what was last said counts while the store is asked again; an export waits for longer than that."""


class DeskSealed(BrokerUnavailable):
    """The desk is on its way to another installation, or lives there (at `to`, where that is known): nothing is taken
    for it here."""

    def __init__(self, desk: str, to: str) -> None:
        super().__init__(f"the desk {desk} is sealed here")
        self.to = to


@dataclass(frozen=True, slots=True)
class Seal:
    """Nothing is taken for the desk here: it is `leaving`, has `left`, or is still `arriving`. `to` is its new address."""

    reason: Literal["leaving", "left", "arriving"]
    at: Ms
    to: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a desk came here. Its facts have the numbers they had before; in this log they begin at `begins`.

    `logs` are the ids of the logs they lay in before, `commands` is where its input begins here, `deliveries` how many
    it had made. Until the stage is `open` the desk is not whole.
    """

    move: str
    stage: Literal["loading", "opening", "open"]
    at: Ms
    commands: int
    deliveries: int
    begins: Mapping[str, int]
    logs: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Movement:
    """What is noted of one desk beside its place, at this version of the note."""

    seq: int
    place: Mapping[str, Any] = field(default_factory=dict)
    seal: Seal | None = None
    arrival: Arrival | None = None


class Movements:
    """The notes of all desks."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents.of(INSTALLATION)

    async def all(self) -> dict[str, Movement]:
        """Every desk's. Raises DocumentsUnavailable."""
        notes = all_of(self._documents, DESKS.name)
        return {document.key: _movement(document.seq, document.body) async for document in notes}

    async def find(self, desk: str) -> Movement | None:
        """Of one desk, None where there is no such desk here. Raises DocumentsUnavailable."""
        found = await self._documents.get(DESKS.name, desk)
        return _movement(found.seq, found.body) if found else None

    async def note(
        self, desk: str, known: Movement | None, place: Mapping[str, Any], seal: Seal | None, arrival: Arrival | None
    ) -> Movement:
        """Write it down in place of what was known. Raises Conflict, DocumentsUnavailable."""
        body = {
            **place, "seal": asdict(seal) if seal else None, "arrival": asdict(arrival) if arrival else None,
        }  # fmt: skip
        seq = await self._documents.replace(DESKS.name, desk, body, known.seq if known else None)
        return Movement(seq, place, seal, arrival)


class Seals:
    """Which desks are sealed, as of at most two seconds ago; while the store is asked, or does not answer, as it last said.

    Before it has said anything nobody is told that nothing is sealed.
    """

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._movements, self._clock = Movements(documents), clock
        self._seals: Mapping[str, Seal] | None = None
        self._looked_at: Ms | None = None
        self._looking = asyncio.Lock()

    def know(self, movements: Mapping[str, Movement]) -> None:
        """What was just read of all desks."""
        self._seals = {desk: one.seal for desk, one in movements.items() if one.seal}
        self._looked_at = self._clock.monotonic()

    async def now(self) -> Mapping[str, Seal]:
        """Sealed desks. Raises DocumentsUnavailable where the store has not said yet."""
        if self._seals is not None and self._looking.locked() and self._age() < TRUSTED:
            # a store that is slow holds up whoever looks, not everybody who comes meanwhile
            return self._seals
        async with self._looking:
            if self._looked_at is None or self._age() >= LOOK_EVERY:
                try:
                    self.know(await self._movements.all())
                except DocumentsUnavailable:
                    self._looked_at = self._clock.monotonic()
        if self._seals is None:
            raise DocumentsUnavailable("nobody could say yet which desks are sealed")
        return self._seals

    def _age(self) -> Ms:
        """Of the last look, which there was."""
        return self._clock.monotonic() - (self._looked_at or 0)


class SealedBroker:
    """A log that takes no command for sealed desks: all doors, timers and senders meet here. All else goes through.

    What workers say of what was taken before goes to the log beneath: refused, it would hold up all desks beside it.
    """

    def __init__(self, broker: Broker, seals: Seals) -> None:
        self.beneath, self._seals = broker, seals
        self.read, self.wait, self.bounds = broker.read, broker.wait, broker.bounds
        self.end, self.trim, self.topic_id, self.close = broker.end, broker.trim, broker.topic_id, broker.close

    @property
    def partitions(self) -> int:
        return self.beneath.partitions

    async def append(self, records: Sequence[Outgoing]) -> list[Place]:
        """As the log does. Raises DeskSealed, and what `Seals.now` raises, too, before anything was appended."""
        if seals := await self._seals.now():
            for record in records:
                if record.topic == COMMANDS.name and (desk := record.key.decode(errors="replace")) in seals:
                    raise DeskSealed(desk, seals[desk].to)
        return await self.beneath.append(records)


def beneath(broker: Broker) -> Broker:
    """The log itself, which knows nothing of seals."""
    return broker.beneath if isinstance(broker, SealedBroker) else broker


def _movement(seq: int, body: Mapping[str, Any]) -> Movement:
    seal, arrival = body.get("seal"), body.get("arrival")
    place = {name: value for name, value in body.items() if name not in {"seal", "arrival"}}
    return Movement(seq, place, Seal(**seal) if seal else None, Arrival(**arrival) if arrival else None)
