"""Writes: a command appended, its one outcome waited for, and told as it is.

Whoever sees an outcome here also sees the documents it changed: the projector writes outcomes last.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from services.gateway.store import REQUESTS, SETTLED
from shared.broker import Broker
from shared.catalogue.codec import encode
from shared.catalogue.commands import Command
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS, DESK
from shared.catalogue.values import Principal
from shared.clock import SECOND, Clock, Ms
from shared.desks import DeskPlace, Desks
from shared.documents import Conflict, Document, Documents, Put
from shared.ids import named_id, random_id

PATIENCE: Ms = 2 * SECOND
FIRST_LOOK: Ms = 4
LAST_LOOK: Ms = 64
MOST_LAG: Ms = 30 * SECOND


class KeyReused(Exception):
    """The Idempotency-Key was used for another request."""


class Behind(Exception):
    """The desk has not decided what it was asked 30 seconds ago: nothing more is taken now."""


class NoDesk(Exception):
    """The credential names a desk that was never opened."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command. `accepted`: durable, not decided yet; ask again. `seq` is what its documents reflect;
    `by` is who asked, told once it is decided."""

    command: str
    state: Literal["done", "refused", "internal", "accepted"]
    reason: str | None = None
    made: dict[str, str] | None = None
    seq: int = 0
    by: str | None = None


class Commands:
    """Appends for all desks of the installation."""

    def __init__(self, broker: Broker, documents: Documents, desks: Desks, clock: Clock) -> None:
        self._broker, self._documents, self._desks, self._clock = broker, documents, desks, clock
        self._undecided: dict[int, tuple[int, Ms]] = {}

    async def ask(
        self, command: Command, key: str | None = None, digest: str | None = None, *, patience: Ms = PATIENCE
    ) -> Outcome:
        """Append and wait for the outcome. With a `key`, asking the same again is harmless.

        The same is what has the same `digest`: the command's own, unless more or less than that was asked for.
        Raises KeyReused, Behind, NoDesk, BrokerUnavailable (unknown whether it was taken), DocumentsUnavailable.
        """
        by = command.by
        place = await self._desks.find(by.desk)
        if place is None:
            raise NoDesk(by.desk)
        command_id = named_id(by.desk, by.id, key) if key else random_id()
        digest = digest or digest_of(command)
        if key is None or await self._is_new(by, command_id, digest):
            await self._check_lag(place)
            await self._append(place, command_id, command)
            if key:
                await self._remember(by, command_id, digest)
        return await self.outcome(by.desk, command_id, patience=patience)

    async def outcome(self, desk: str, command_id: str, *, patience: Ms = 0) -> Outcome:
        """The outcome, waited for at most this long."""
        documents, look = self._documents.of(desk), FIRST_LOOK
        deadline = self._clock.monotonic() + patience
        while (found := await documents.get(SETTLED.name, command_id)) is None:
            if self._clock.monotonic() >= deadline:
                return Outcome(command_id, "accepted")
            await self._clock.sleep(look)
            look = min(2 * look, LAST_LOOK)
        return _outcome(found)

    async def asked(self, desk: str, command_id: str) -> str | None:
        """Who asked for such a command, empty where an older release did not note it. None: nobody did."""
        known = await self._documents.of(desk).get(REQUESTS.name, command_id)
        return known.body.get("by", "") if known else None

    async def repeats(self, by: Principal, key: str, digest: str) -> bool:
        """Whether the same was asked for under this key before and went to the desk."""
        command_id = named_id(by.desk, by.id, key)
        known = await self._documents.of(by.desk).get(REQUESTS.name, command_id)
        if known is None or known.body["digest"] != digest:
            return False
        # whoever appended it may not have been able to note that; the desk may be about to decide
        outcome = await self.outcome(by.desk, command_id, patience=0 if known.body["appended"] else PATIENCE)
        return bool(known.body["appended"]) or outcome.state != "accepted"

    async def note(self, command: Command, command_id: str) -> None:
        """Remember that this was asked for without a key, so that its outcome can be asked for."""
        await self._remember(command.by, command_id, digest_of(command))

    async def _is_new(self, by: Principal, command_id: str, digest: str) -> bool:
        """Note the request under its key. False: the same one was appended before."""
        documents = self._documents.of(by.desk)
        try:
            await documents.replace(REQUESTS.name, command_id, self._request(by, digest, appended=False), None)
        except Conflict:
            known = await documents.get(REQUESTS.name, command_id)
            if known is None or known.body["digest"] != digest:
                raise KeyReused from None
            return not known.body["appended"]
        return True

    async def _remember(self, by: Principal, command_id: str, digest: str) -> None:
        body = self._request(by, digest, appended=True)
        await self._documents.write([Put(REQUESTS.name, by.desk, command_id, 2, body)])

    def _request(self, by: Principal, digest: str, *, appended: bool) -> dict[str, Any]:
        return {"by": by.id, "digest": digest, "at": self._clock.now(), "appended": appended}

    async def _append(self, place: DeskPlace, command_id: str, command: Command) -> None:
        envelope = Envelope(
            command_id, "gateway", self._clock.now(), place.organisation, place.id, command_id, command_id, command
        )
        (appended,) = await self._broker.append([encode(envelope, COMMANDS.name, place.partition)])
        self._undecided.setdefault(place.partition, (appended.offset, self._clock.monotonic()))

    async def _check_lag(self, place: DeskPlace) -> None:
        """Every command asked for here ends in a fact, so the oldest one without any tells how far the desk is."""
        oldest = self._undecided.get(place.partition)
        if oldest is None:
            return
        offset, since = oldest
        if await self._decided(place.partition) >= offset:
            # another request may have looked meanwhile, and one after it may have appended
            if self._undecided.get(place.partition) == oldest:
                del self._undecided[place.partition]
        elif self._clock.monotonic() - since > MOST_LAG:
            raise Behind

    async def _decided(self, partition: int) -> int:
        """The last command of the partition that facts came from, by its offset; -1 where there are none."""
        bounds = await self._broker.bounds(DESK.name, partition)
        for record in await self._broker.read(DESK.name, partition, max(bounds.first, bounds.next - 1), 1):
            return int(dict(record.headers).get("ce_position", b"-1"))
        return -1


def digest_of(command: Command, condition: str | None = None) -> str:
    """Tells requests under one key apart: by what was asked for, and on which condition."""
    asked = f"{command.TYPE}\n{command.model_dump_json()}"
    return sha256((asked if condition is None else f"{asked}\n{condition}").encode()).hexdigest()


def _outcome(settled: Document) -> Outcome:
    body = settled.body
    return Outcome(settled.key, body["outcome"], body["reason"], body["made"], settled.seq, body["by"])
