"""The one loop of all services: take a contiguous run of records, fold, publish, move on, save now and then (R4).

The one rule: emit from offset s only when every output below s is acknowledged. Then crashes, zombies and repeats cost
duplicates only, which readers drop by their marks. The shell that brings records is passive: the worker owns the
position and reads by offset whatever is missing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from shared.beats import Beats
from shared.broker import BrokerUnavailable, Outgoing, Record
from shared.clock import SECOND, Ms
from shared.documents import DocumentsUnavailable, Drop, Put, lasting
from shared.emissions import BROKEN, Output, Unreadable
from shared.fold import Fold, Spoiled
from shared.moves import beneath
from shared.saving import Saver, fits
from shared.ticks import Ticker
from shared.worker_ports import READING, Step, WorkerMeter, WorkerPorts

__all__ = ["LogTruncated", "Step", "Worker", "WorkerMeter", "WorkerPorts"]

BATCH = 200

WHAT_NOW = (
    "nothing is decided on a log that lacks history: put back what it held, or open a new installation and import the desk"
    " there from its last export"
)


class LogTruncated(Exception):
    """The log begins after the saved position, or is another log: history is missing. Never goes on silently."""


class Worker:
    """One fold on one partition of one topic."""

    def __init__(
        self,
        name: str,
        topic: str,
        partition: int,
        fold: Callable[[], Fold],
        ports: WorkerPorts,
        *,
        beats: bool = False,
    ) -> None:
        self.name, self.topic, self.partition = name, topic, partition
        self.position = 0
        self._new_fold = fold
        self._condemned: set[int] = set()
        self.fold = fold()
        self._ports, self._log = ports, beneath(ports.broker)
        self._beats = Beats(ports.clock) if beats else None
        self._ticker = Ticker(name, partition, ports.broker, ports.clock)
        self._saver = Saver(name, partition, ports)
        self._whole = False
        """The fold is exactly that of the position, and every output below it is acknowledged."""
        self.resting = False
        """Nothing is to be done until a record comes: who cancels it now cuts nothing short."""
        self.recovered = 0
        """While it loads: how far it has read its own facts."""
        self.storing_since: Ms | None = None
        """Since when a store has been asked to take what it made."""

    @property
    def saved_position(self) -> int:
        """Where this worker would begin after a crash."""
        return self._saver.saved_position

    async def load(self) -> None:
        """Begin at the newest checkpoint, or make a lost one good from the log. Raises LogTruncated."""
        self._whole = False
        while not self._whole:
            try:
                await self._load()
            except BrokerUnavailable:
                await self._pause("broker")
            except DocumentsUnavailable:
                await self._pause("documents")

    async def _load(self) -> None:
        await self._saver.settle()
        self._begin_anew()
        topic_id = await self._ports.broker.topic_id(self.topic)
        checkpoint = await self._ports.checkpoints.load(self.name, self.partition)
        if checkpoint is not None and checkpoint.topic_id != topic_id:
            raise LogTruncated(f"{self.topic} was created anew since {self.name} saved its checkpoint; {WHAT_NOW}")
        if checkpoint is not None and fits(self.fold, checkpoint, self.name):
            self.position = checkpoint.offset
        else:
            self._begin_anew()
            self.position = await self._recover()
        self._saver.begin_at(self.position, topic_id)
        bounds = await self._ports.broker.bounds(self.topic, self.partition)
        if not bounds.first <= self.position <= bounds.next:
            raise LogTruncated(
                f"{self.name} stands at {self.position} of {self.topic}/{self.partition},"
                f" which holds {bounds.first} to {bounds.next}; {WHAT_NOW}"
            )
        self._whole = True

    def _begin_anew(self) -> None:
        self.fold = self._new_fold()
        for offset in self._condemned:
            self.fold.condemn(offset)

    async def _recover(self) -> int:
        position, at = 0, 0
        own = self.fold.recovers_from
        while own and (records := await self._ports.broker.read(own, self.partition, at)):
            for record in records:
                position = self.fold.recover(record) or position
            at = self.recovered = records[-1].offset + 1
        return position

    async def feed(self, records: Sequence[Record]) -> None:
        """Apply a contiguous run. Records below the position are dropped; a run beyond it is a bug of the shell."""
        if not self._whole:
            # a run was cut short (cancelled, a gap): its outputs may be missing, so the state is not to be built on
            await self.load()
            return
        run = [record for record in records if record.offset >= self.position]
        if not run:
            return
        if run[0].offset != self.position:
            raise LogTruncated(f"{self.name} was given {run[0].offset} at {self.position}")
        self._whole = False
        outputs: list[Output] = []
        applied = 0
        try:
            for record in run:
                outputs += self.fold.apply(record)
                applied += 1
        except Spoiled as spoiled:
            self._condemned.add(spoiled.offset)
            self._saver.hasten(spoiled.offset)
        await self._ports.step("applied")
        await self._publish(outputs)
        await self._ports.step("published")
        if applied:
            self.position = run[applied - 1].offset + 1
            self._ports.meter.applied(run[:applied], self.position)
        if applied < len(run):
            await self.load()
        self._whole = True

    async def _publish(self, outputs: Sequence[Output]) -> None:
        """All outputs, acknowledged; the same list again until they are.

        The own facts come last: once a fact is in the log, all that accompanies it and everything before it is durable,
        so a lost checkpoint can be made good from the facts alone.
        """
        own = self.fold.recovers_from
        records = [output for output in outputs if isinstance(output, Outgoing)]
        await self._append([record for record in records if record.topic != own])
        await self._ports.step("accompanied")
        with self._storing():
            await self._keep([output for output in outputs if isinstance(output, Unreadable)])
            await self._write(lasting([output for output in outputs if isinstance(output, Put | Drop)]))
        await self._ports.step("written")
        await self._append([record for record in records if record.topic == own])

    @contextmanager
    def _storing(self) -> Iterator[None]:
        self.storing_since = self._ports.clock.monotonic()
        try:
            yield
        finally:
            self.storing_since = None

    async def _append(self, records: Sequence[Outgoing]) -> None:
        with self._storing():
            while records:
                try:
                    await self._log.append(records)
                    return
                except BrokerUnavailable:
                    await self._pause("broker")

    async def _keep(self, letters: Sequence[Unreadable]) -> None:
        for letter in letters:
            while True:
                try:
                    await self._ports.dead_letters.keep(letter.record, letter.reason, consumer=self.name)
                    break
                except DocumentsUnavailable:
                    await self._pause("documents")
            self._ports.meter.set_aside(letter.reason)
            if letter.reason == BROKEN:
                self._ports.meter.broke()

    async def _write(self, writes: Sequence[Put | Drop]) -> None:
        while writes:
            try:
                await self._ports.documents.write(writes)
                return
            except DocumentsUnavailable:
                await self._pause("documents")

    async def _pause(self, what: str) -> None:
        self._ports.meter.retried(what)
        await self._ports.clock.sleep(SECOND // 10)

    async def advance(self, patience: Ms = SECOND) -> int:
        """Read and apply the next run, tick what is due, write a slice of a save. Returns how many were applied."""
        if self._beats:
            await self._beats.rest()
        began = self._ports.clock.monotonic()
        try:
            records = await self._ports.broker.read(self.topic, self.partition, self.position, BATCH)
        except BrokerUnavailable:
            await self._pause(READING)
            return 0
        if records:
            await self.feed(records)
            if self._beats:
                self._beats.ran(began, behind=len(records) == BATCH)
        with self._storing():
            due = await self._ticker.tick(self.fold.timers())
        await self.save_slice()
        if not records and not self._saver.collecting:
            wait = min(patience, max(0, due)) if due is not None else patience
            await self._wait(wait)
        return len(records)

    async def _wait(self, length: Ms) -> None:
        self.resting = True
        try:
            await self._ports.broker.wait(self.topic, self.partition, self.position, length)
        except BrokerUnavailable:
            await self._pause(READING)
        finally:
            self.resting = False

    async def save_slice(self, *, now: bool = False) -> None:
        """Begin a save when it is time, go on with a running one a slice at a time; `now` finishes one at once.

        After a run that was cut short nothing is saved: the state is ahead of its acknowledged outputs.
        """
        if self._whole:
            await self._saver.slice(self.fold, self.position, now=now)
