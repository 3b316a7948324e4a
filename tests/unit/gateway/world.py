"""A desk whose facts are written by the test: real log, real documents, real workers of the gateway, a clock by hand."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from services.gateway.handlers import PROJECTIONS
from services.gateway.handlers.projection import Projector
from services.gateway.handlers.texts import TextProjector
from services.gateway.store import COLLECTIONS
from shared import blobs, checkpoints, dead_letters, desks
from shared.blobs import Blobs
from shared.broker import Record
from shared.brokers.sqlite import SqliteBroker
from shared.catalogue.codec import encode
from shared.catalogue.commands import Command, Tick
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import CommandSettled, Fact
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK
from shared.catalogue.values import Principal, Role
from shared.checkpoints import Checkpoints
from shared.dead_letters import DeadLetters
from shared.desks import Desks
from shared.documents import Collection, Document, Documents, Page, Where
from shared.ids import fact_id
from shared.stores.sqlite import SqliteDocuments
from shared.worker import Worker, WorkerPorts

NOW = 1_767_225_600_000
"""2026-01-01, 00:00 UTC."""
OURS, THEIRS = "acme-desk", "rival-desk"
ALL_COLLECTIONS = (
    *COLLECTIONS, *desks.COLLECTIONS, *checkpoints.COLLECTIONS, *dead_letters.COLLECTIONS, *blobs.COLLECTIONS,
)  # fmt: skip


class HandClock:
    """Moves when told, or, while it `flows`, by what somebody sleeps; nobody waits for real."""

    def __init__(self) -> None:
        self.time = NOW
        self.flows = True

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def sleep(self, length: int) -> None:
        self.time += length if self.flows else 0
        await asyncio.sleep(0.001)


class SilentMeter:
    """Counts what tests ask about."""

    def __init__(self) -> None:
        self.broken = 0
        self.set_asides: list[str] = []

    def applied(self, records: Sequence[Record], position: int) -> None:
        pass

    def set_aside(self, reason: str) -> None:
        self.set_asides.append(reason)

    def retried(self, what: str) -> None:
        pass

    def saved(self, longest_pause: int) -> None:
        pass

    def broke(self) -> None:
        self.broken += 1


async def no_step(name: str) -> None:
    pass


def principal(desk: str = OURS, seat: str = "sara", role: Role = "lead") -> Principal:
    return Principal(organisation="acme" if desk == OURS else "rival", desk=desk, id=seat, role=role)


class World:
    """Two organisations' desks in one installation."""

    def __init__(self, folder: Path, partitions: int = 1, documents: Documents | None = None) -> None:
        self.folder = folder
        self.clock = HandClock()
        self.broker = SqliteBroker(folder / "log.db", partitions, self.clock)
        self.documents: Documents = documents or SqliteDocuments(folder / "documents.db", ALL_COLLECTIONS)
        self.checkpoints = Checkpoints(self.documents)
        self.dead_letters = DeadLetters(self.documents, self.clock)
        self.blobs = Blobs(self.documents)
        self.desks = Desks(self.documents, partitions)
        self.meter = SilentMeter()
        self.seqs: dict[tuple[str, str], int] = {}
        self.workers = self.make_workers()

    async def open(self) -> "World":
        await self.desks.open(OURS, "acme")
        await self.desks.open(THEIRS, "rival")
        await asyncio.gather(*(worker.load() for worker in self.workers))
        return self

    async def close(self) -> None:
        await self.broker.close()
        await self.documents.close()

    def make_workers(self) -> list[Worker]:
        ports = WorkerPorts(
            broker=self.broker, documents=self.documents, checkpoints=self.checkpoints, dead_letters=self.dead_letters,
            clock=self.clock, meter=self.meter, step=no_step,
        )  # fmt: skip
        projectors = [
            Worker(one.name, one.topic, partition, partial(Projector, one), ports)
            for one in PROJECTIONS
            for partition in range(self.broker.partitions)
        ]
        texts = [
            Worker(f"texts-{topic}", topic, partition, TextProjector, ports)
            for topic in (COMMANDS.name, DELIVERIES.name)
            for partition in range(self.broker.partitions)
        ]
        return projectors + texts

    async def say(
        self, *facts: Fact, desk: str = OURS, topic: str = DESK.name, cause: str = "", at: int | None = None
    ) -> int:
        """Append a group of facts as the topic's writer would; returns its last seq."""
        place = await self.desks.open(desk, "acme" if desk == OURS else "rival")
        envelopes = []
        for fact in facts:
            seq = self.seqs[topic, desk] = self.seqs.get((topic, desk), 0) + 1
            envelopes.append(
                Envelope(
                    fact_id(desk, topic, seq), "router", self.clock.now() if at is None else at, place.organisation,
                    desk, cause or "cause", cause or "cause", fact, seq, seq * 10,
                )
            )  # fmt: skip
        envelopes[-1] = envelopes[-1]._replace(last=True)
        await self.broker.append([encode(envelope, topic, place.partition) for envelope in envelopes])
        return envelopes[-1].seq

    async def command(self, command: Any, command_id: str = "command-1", topic: str = COMMANDS.name) -> None:
        """Append a command (or a delivery) as a door would."""
        desk = command.by.desk if isinstance(command, Command) else OURS
        place = await self.desks.open(desk, "acme" if desk == OURS else "rival")
        envelope = Envelope(
            command_id, "ingest", self.clock.now(), place.organisation, desk, command_id, command_id, command
        )
        await self.broker.append([encode(envelope, topic, place.partition)])

    async def settle(
        self, command_id: str, outcome: Any = "done", reason: str | None = None, desk: str = OURS, by: str = "sara",
        **made: str,
    ) -> int:  # fmt: skip
        """Append the one outcome of a command."""
        fact = CommandSettled(
            desk=desk, command=command_id, command_type="sanad.ticket.update.v1", by=by, outcome=outcome,
            reason=reason, made=made,
        )  # fmt: skip
        return await self.say(fact, desk=desk, cause=command_id)

    async def catch_up(self) -> None:
        """Let every worker apply all there is."""
        for worker in self.workers:
            while records := await self.broker.read(worker.topic, worker.partition, worker.position):
                await worker.feed(records)

    async def restart(self, *, saved: bool) -> None:
        """As after a crash (or a clean stop): new workers from the last checkpoint, or from nothing."""
        if saved:
            for worker in self.workers:
                await worker.save_slice(now=True)
        self.workers = self.make_workers()
        await asyncio.gather(*(worker.load() for worker in self.workers))

    async def get(self, collection: Collection, key: str, desk: str = OURS) -> dict[str, Any]:
        found = await self.documents.of(desk).get(collection.name, key)
        assert found is not None, f"no {key} in {collection.name}"
        return found.body

    async def all(self, collection: Collection, desk: str = OURS, where: Sequence[Where] = ()) -> list[Document]:
        page: Page = await self.documents.of(desk).page(collection.name, where=where, limit=500)
        return page.documents


def tick(desk: str = OURS) -> Tick:
    return Tick(by=principal(desk, "router", "system"), desk=desk, due=NOW)
