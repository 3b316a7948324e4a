"""One worker in its place: its meter, its turn, and what the engine sees of its progress."""

from dataclasses import dataclass
from functools import partial

from shared.broker import BrokerUnavailable
from shared.clock import SECOND, Ms
from shared.metrics import ConsumerMeter
from shared.service import Consumer, Ports
from shared.worker import Step, Worker, WorkerPorts


@dataclass(slots=True)
class Progress:
    """Where it stood at the last look, and since when; `age` is that of its oldest unapplied record."""

    position: int = -1
    moved_at: Ms = 0
    lag: int = 0
    age: Ms = 0


class Seat:
    """A consumer's worker on one partition."""

    def __init__(self, ports: Ports, consumer: Consumer, partition: int, step: Step) -> None:
        self._ports = ports
        self.name = f"{consumer.name}/{partition}"
        self.progress = Progress(moved_at=ports.clock.monotonic())
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

    async def lag(self) -> int:
        """Records not applied yet. Raises BrokerUnavailable."""
        return await self._end() - self.worker.position

    async def look(self) -> Progress:
        """Note how far it is. Raises BrokerUnavailable. Waiting for a store that does not answer is no standstill."""
        progress, worker, clock = self.progress, self.worker, self._ports.clock
        now = clock.monotonic()
        progress.lag = await self.lag()
        if worker.position != progress.position or not progress.lag:
            progress.position, progress.moved_at = worker.position, now
        progress.moved_at = max(progress.moved_at, self._meter.retried_at)
        waiting = (
            await self._ports.broker.read(worker.topic, worker.partition, worker.position, 1) if progress.lag else []
        )
        progress.age = max(0, clock.now() - waiting[0].appended_at) if waiting else 0
        self._lag.set(progress.lag)
        self._lag_age.set(progress.age / SECOND)
        return progress

    async def _end(self) -> int:
        """The offset the next record of its input will get."""
        return (await self._ports.broker.bounds(self.worker.topic, self.worker.partition)).next
