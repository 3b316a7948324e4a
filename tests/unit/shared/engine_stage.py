"""An engine over real files, with folds small enough to be obviously right."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from shared import blobs, checkpoints, dead_letters, desks
from shared.broker import Outgoing, Record
from shared.brokers.sqlite import SqliteBroker
from shared.catalogue.topics import COMMANDS, DESK
from shared.clock import Clock, Ms, SystemClock
from shared.emissions import Output
from shared.metrics import Metrics
from shared.moves import Seals
from shared.secrets import Secrets
from shared.service import Consumer, Loop, Ports, Service
from shared.settings import Settings
from shared.stores.sqlite import SqliteDocuments

COLLECTIONS = (
    *checkpoints.COLLECTIONS, *blobs.COLLECTIONS, *dead_letters.COLLECTIONS, *desks.COLLECTIONS,
)  # fmt: skip


class Copying:
    """Every command becomes one record of sanad.desk; it remembers how many it saw."""

    recovers_from: str | None = None

    def __init__(self) -> None:
        self.seen = 0

    def apply(self, record: Record) -> list[Output]:
        self.seen += 1
        return [Outgoing(DESK.name, record.partition, b"desk", record.value)] if record.topic == COMMANDS.name else []

    def timers(self) -> dict[str, tuple[str, Ms]]:
        return {}

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        yield "seen", b"%d" % self.seen

    def unsaved(self) -> None:
        """Every save gives all there is."""

    def load(self, chunks: Mapping[str, bytes]) -> None:
        self.seen = int(chunks["seen"])

    def condemn(self, offset: int) -> None:
        """Nothing here fails half way."""

    def recover(self, own: Record) -> int | None:
        return None


class Failing(Copying):
    """Cannot apply anything, for a reason that quotes a customer."""

    def apply(self, record: Record) -> list[Output]:
        raise LookupError("the customer said: my card number is 4111")


class FrozenClock(SystemClock):
    """Time moves only when told; who sleeps is woken at once, so that a minute of patience takes none."""

    def __init__(self, now: Ms) -> None:
        self.time = now

    def now(self) -> Ms:
        return self.time

    def monotonic(self) -> Ms:
        return self.time

    async def sleep(self, length: Ms) -> None:
        await asyncio.sleep(0.001)

    async def go_on(self, length: Ms) -> None:
        """Second by second, so that who looks once a second sees each of them."""
        until = self.time + length
        while self.time < until:
            self.time += 1_000
            await asyncio.sleep(0.004)


@asynccontextmanager
async def open_ports(folder: Path, clock: Clock | None = None) -> AsyncIterator[Ports]:
    clock = clock or SystemClock()
    broker = SqliteBroker(folder / "log.sqlite", 1, clock)
    documents = SqliteDocuments(folder / "documents.sqlite", COLLECTIONS)
    try:
        yield Ports(
            broker=broker, documents=documents, checkpoints=checkpoints.Checkpoints(documents),
            blobs=blobs.Blobs(documents), dead_letters=dead_letters.DeadLetters(documents, clock), clock=clock,
            metrics=Metrics(), settings=Settings(_env_file=None, folder=folder), secrets=Secrets(b"c", (b"l",), (b"m",)),
            seals=Seals(documents, clock),
        )  # fmt: skip
    finally:
        await documents.close()
        await broker.close()


def copying(
    fold: Callable[[int], Copying] = lambda _partition: Copying(),
    *loops: Loop,
    watch: Callable[[list[Record]], None] | None = None,
) -> tuple[Service, ...]:
    """A copier, and one that follows what it wrote."""
    return (
        Service(
            "toy",
            (
                Consumer("copier", COMMANDS.name, fold, watch),  # type: ignore[arg-type]  # a fold of its own kind
                Consumer("follower", DESK.name, lambda _partition: Copying()),
            ),
            loops,
        ),
    )


async def say(ports: Ports, count: int) -> None:
    await ports.broker.append([Outgoing(COMMANDS.name, 0, b"desk", b"%d" % number) for number in range(count)])


async def until(condition: Callable[[], object]) -> None:
    """Let others work until it holds."""
    for _ in range(20_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("what was waited for never came")


@asynccontextmanager
async def cancelled(task: "asyncio.Task[None]") -> AsyncIterator[None]:
    """The task runs while the block does."""
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
