"""The one loop of all services: take a contiguous run of records, fold, publish, move on, save now and then (R4).

The one rule: emit from offset s only when every output below s is acknowledged. Then crashes, zombies and repeats cost
duplicates only, which readers drop by their marks. The shell that brings records is passive: the worker owns the
position and reads by offset whatever is missing.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.broker import Broker, BrokerUnavailable, Outgoing, Record
from shared.checkpoints import Checkpoints
from shared.clock import MINUTE, SECOND, Clock, Ms
from shared.dead_letters import DeadLetters
from shared.documents import Documents, DocumentsUnavailable, Drop, Put
from shared.emissions import Output, Unreadable
from shared.fold import Fold, Spoiled
from shared.ticks import Ticker

BATCH = 200
SAVE_AT_LEAST: Ms = MINUTE
SAVE_AT_MOST: Ms = 2 * SECOND
SAVE_RECORDS = 20_000

Step = Callable[[str], Awaitable[None]]


class LogTruncated(Exception):
    """The log begins after the saved position, or is another log: history is missing. Never goes on silently."""


class WorkerMeter(Protocol):
    """What a worker tells the metrics."""

    def applied(self, records: Sequence[Record], position: int) -> None:
        """A batch was folded and all its outputs are acknowledged."""

    def set_aside(self, reason: str) -> None:
        """A record became a dead letter."""

    def retried(self, what: str) -> None:
        """A store did not answer; the same work is tried again."""

    def saved(self, longest_pause: Ms) -> None:
        """A checkpoint is in place."""

    def broke(self) -> None:
        """A rule failed half way."""


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """What a worker works with. `step` is called between the named steps; tests put crashes there."""

    broker: Broker
    documents: Documents
    checkpoints: Checkpoints
    dead_letters: DeadLetters
    clock: Clock
    meter: WorkerMeter
    step: Step


class Worker:
    """One fold on one partition of one topic."""

    def __init__(self, name: str, topic: str, partition: int, fold: Callable[[], Fold], ports: WorkerPorts) -> None:
        self.name, self.topic, self.partition = name, topic, partition
        self.position = 0
        self._new_fold = fold
        self._condemned: set[int] = set()
        self.fold = fold()
        self._ports = ports
        self._ticker = Ticker(name, partition, ports.broker, ports.clock)
        self._saving: Saving | None = None
        self._saved_position = 0
        self._saved_at: Ms = ports.clock.monotonic()
        self._topic_id = ""

    async def load(self) -> None:
        """Begin at the newest checkpoint, or make a lost one good from the log. Raises LogTruncated."""
        self.fold = self._new_fold()
        for offset in self._condemned:
            self.fold.condemn(offset)
        self._saving = None
        self._topic_id = await self._ports.broker.topic_id(self.topic)
        checkpoint = await self._ports.checkpoints.load(self.name, self.partition)
        if checkpoint is None:
            self.position = await self._recover()
        else:
            if checkpoint.topic_id != self._topic_id:
                raise LogTruncated(f"{self.topic} was created anew since {self.name} saved its checkpoint")
            self.fold.load(checkpoint.chunks)
            self.position = checkpoint.offset
        self._saved_position = self.position
        bounds = await self._ports.broker.bounds(self.topic, self.partition)
        if not bounds.first <= self.position <= bounds.next:
            raise LogTruncated(
                f"{self.name} stands at {self.position} of {self.topic}/{self.partition},"
                f" which holds {bounds.first} to {bounds.next}"
            )

    async def _recover(self) -> int:
        position, at = 0, 0
        own = self.fold.recovers_from
        while own and (records := await self._ports.broker.read(own, self.partition, at)):
            for record in records:
                position = self.fold.recover(record) or position
            at = records[-1].offset + 1
        return position

    async def feed(self, records: Sequence[Record]) -> None:
        """Apply a contiguous run. Records below the position are dropped; a run beyond it is a bug of the shell."""
        run = [record for record in records if record.offset >= self.position]
        if not run:
            return
        if run[0].offset != self.position:
            raise LogTruncated(f"{self.name} was given {run[0].offset} at {self.position}")
        outputs: list[Output] = []
        applied = 0
        try:
            for record in run:
                outputs += self.fold.apply(record)
                applied += 1
        except Spoiled as spoiled:
            self._ports.meter.broke()
            self._condemned.add(spoiled.offset)
        await self._ports.step("applied")
        await self._publish(outputs)
        await self._ports.step("published")
        if applied:
            self.position = run[applied - 1].offset + 1
            self._ports.meter.applied(run[:applied], self.position)
        if applied < len(run):
            await self.load()

    async def _publish(self, outputs: Sequence[Output]) -> None:
        """All outputs, acknowledged; the same list again until they are."""
        records = [output for output in outputs if isinstance(output, Outgoing)]
        writes = [output for output in outputs if isinstance(output, Put | Drop)]
        while records:
            try:
                await self._ports.broker.append(records)
                break
            except BrokerUnavailable:
                await self._pause("broker")
        await self._ports.step("appended")
        for output in outputs:
            if isinstance(output, Unreadable):
                await self._ports.dead_letters.keep(output.record, output.reason, consumer=self.name)
                self._ports.meter.set_aside(output.reason)
        while writes:
            try:
                await self._ports.documents.write(writes)
                break
            except DocumentsUnavailable:
                await self._pause("documents")

    async def _pause(self, what: str) -> None:
        self._ports.meter.retried(what)
        await self._ports.clock.sleep(SECOND // 10)

    async def advance(self, patience: Ms = SECOND) -> int:
        """Read and apply the next run, tick what is due, write a slice of a save. Returns how many were applied."""
        try:
            records = await self._ports.broker.read(self.topic, self.partition, self.position, BATCH)
        except BrokerUnavailable:
            await self._pause("broker")
            return 0
        if records:
            await self.feed(records)
        due = await self._ticker.tick(self.fold.timers())
        await self.save_slice()
        if not records and self._saving is None:
            wait = min(patience, max(0, due)) if due is not None else patience
            await self._ports.broker.wait(self.topic, self.partition, self.position, wait)
        return len(records)

    async def save_slice(self, *, now: bool = False) -> None:
        """Begin a save when it is time, go on with a running one a slice at a time; `now` finishes one at once."""
        if self._saving is None and (now or self._save_is_due()):
            self._saving = Saving(self.fold.save(), self.position, self._ports.clock)
        while self._saving is not None:
            if self._saving.collect():
                await self._finish_save(self._saving)
            if not now:
                return

    def _save_is_due(self) -> bool:
        waited = self._ports.clock.monotonic() - self._saved_at
        moved = self.position - self._saved_position
        return moved > 0 and (waited >= SAVE_AT_LEAST or (moved >= SAVE_RECORDS and waited >= SAVE_AT_MOST))

    async def _finish_save(self, saving: "Saving") -> None:
        self._saving = None
        await self._ports.step("saving")
        saved = False
        try:
            saved = await self._ports.checkpoints.save(
                self.name, self.partition, saving.offset, self._topic_id, saving.chunks
            )
        except DocumentsUnavailable:
            self._ports.meter.retried("checkpoints")
        if not saved:
            self.fold.unsaved()
        else:
            self._saved_position = saving.offset
            self._ports.meter.saved(saving.longest)
        self._saved_at = self._ports.clock.monotonic()
        await self._ports.step("saved")


class Saving:
    """A save under way: chunks as of its offset, collected a slice at a time."""

    SLICE: Ms = 4

    def __init__(self, chunks: Iterator[tuple[str, bytes | None]], offset: int, clock: Clock) -> None:
        self._rest, self.offset, self._clock = chunks, offset, clock
        self.chunks: dict[str, bytes | None] = {}
        self.longest: Ms = 0

    def collect(self) -> bool:
        """One slice; True when all chunks are there."""
        began = self._clock.monotonic()
        for name, content in self._rest:
            self.chunks[name] = content
            spent = self._clock.monotonic() - began
            self.longest = max(self.longest, spent)
            if spent >= self.SLICE:
                return False
        return True
