"""One worker in its place: its meter, its turn, and what the engine sees of its progress."""

from dataclasses import dataclass
from functools import partial

from shared.broker import BrokerUnavailable
from shared.clock import MINUTE, SECOND, Ms
from shared.metrics import ConsumerMeter
from shared.service import Consumer, Ports
from shared.worker import Step, Worker, WorkerPorts

LONGEST: Ms = 2 * MINUTE
"""Stores promise to give up much sooner; who loads makes no headway that could be seen from outside."""


@dataclass(slots=True)
class Progress:
    """Where it stood at the last look, and since when; `age` is that of its oldest unapplied record."""

    stood: tuple[int, int] = (-1, -1)
    moved_at: Ms = 0
    busy: bool = False
    """Whether there is something to do."""
    lag: int = 0
    age: Ms = 0


class Seat:
    """A consumer's worker on one partition."""

    def __init__(self, ports: Ports, consumer: Consumer, partition: int, step: Step) -> None:
        self._ports = ports
        self.name = f"{consumer.name}/{partition}"
        self._began_at = ports.clock.monotonic()
        self.progress = Progress(moved_at=self._began_at)
        consumers = ports.metrics.consumers
        self._meter = ConsumerMeter(consumers, ports.clock, consumer.name, consumer.topic, partition, consumer.watch)
        self._lag = consumers.lag.one(consumer.name, str(partition))
        self._lag_age = consumers.lag_age.one(consumer.name, str(partition))
        given = WorkerPorts(
            broker=ports.broker, documents=ports.documents, checkpoints=ports.checkpoints,
            dead_letters=ports.dead_letters, clock=ports.clock, meter=self._meter, step=step,
        )  # fmt: skip
        fold = partial(consumer.fold, partition)
        self.worker = Worker(consumer.name, consumer.topic, partition, fold, given, beats=consumer.beats)
        self._turn = ports.turns.enrol(consumer.name, partition, self.worker)
        self.loaded = self.leaving = False

    async def work(self) -> None:
        """Load if need be, then go on until `leaving` is set; the run under way is finished."""
        if not self.loaded:
            await self.load()
        while not self.leaving:
            async with self._turn:
                await self.worker.advance()

    async def load(self) -> None:
        """Begin at the checkpoint; what is in the log by now is no live news."""
        await self.worker.load()
        while not self.loaded:
            try:
                self._meter.begin_live(await self._end(), self.worker.position)
                self.loaded = True
            except BrokerUnavailable:
                await self._ports.clock.sleep(SECOND // 10)

    def close(self) -> None:
        """It is another process's: this one has nothing to say of it any more."""
        self._ports.turns.dismiss(self.worker.name, self.worker.partition, self.worker)
        consumers, place = self._ports.metrics.consumers, (self.worker.name, str(self.worker.partition))
        for gauge in (consumers.position, consumers.lag, consumers.lag_age):
            gauge.forget(*place)

    def lag(self) -> int | None:
        """Records not applied yet, as far as is known here; None: nobody can tell."""
        end = self._ports.broker.end(self.worker.topic, self.worker.partition)
        return None if end is None else max(0, end - self.worker.position)

    def look(self) -> None:
        """Note how far it is. Waiting for a store that does not answer is no standstill."""
        progress, worker = self.progress, self.worker
        now = self._ports.clock.monotonic()
        lag = self.lag() if self.loaded else None
        progress.busy = lag != 0
        stands = (worker.position if self.loaded else -1, worker.recovered)
        if stands != progress.stood or not progress.busy or self._waits(lag, now):
            progress.stood, progress.moved_at = stands, now
        progress.moved_at = max(progress.moved_at, self._meter.retried_at)
        if lag is not None:  # where nobody can tell, what was known last is nearer to the truth than nothing
            progress.lag = lag
            self._lag.set(lag)

    async def look_back(self) -> None:
        """Note how old what it has not applied is, unless nobody can tell. Raises BrokerUnavailable, OffsetOutOfRange."""
        if self.lag() is None:
            return
        progress, worker, clock = self.progress, self.worker, self._ports.clock
        waiting = (
            await self._ports.broker.read(worker.topic, worker.partition, worker.position, 1) if progress.lag else []
        )
        progress.age = max(0, clock.now() - waiting[0].appended_at) if waiting else 0
        self._lag_age.set(progress.age / SECOND)

    def _waits(self, lag: int | None, now: Ms) -> bool:
        """Whether it cannot be expected to move: nobody knows what there is to do, or others have its work in hand."""
        since = self.worker.storing_since if self.loaded else self._began_at
        if since is None:
            return self.loaded and lag is None
        return now - max(since, self._meter.retried_at) < LONGEST

    async def _end(self) -> int:
        """The offset the next record of its input will get."""
        return (await self._ports.broker.bounds(self.worker.topic, self.worker.partition)).next
