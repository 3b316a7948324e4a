"""The newest records of each partition in memory: readers of the same process get the same objects, without asking the log."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.broker import Bounds, Record

TAIL_RECORDS = 2_000
TAIL_BYTES = 8 << 20
TAILS_BYTES = 32 << 20
RECORD_BYTES = 5_000  # what a Record costs in memory beside its own bytes, its decoded event most of all; about


@dataclass(slots=True)
class Tail:
    """Records [next - len(records), next) of one partition, and who waits for later ones."""

    first: int
    next: int
    records: list[Record] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    size: int = 0
    waiting: dict["asyncio.Future[bool]", int] = field(default_factory=dict)

    def bounds(self) -> Bounds:
        """As the last commit left them."""
        return Bounds(self.first, self.next)

    def extend(self, records: Sequence[Record], sizes: Sequence[int]) -> int:
        """Take in durable records, forget old ones, wake who waits. Returns by how many bytes memory grew."""
        before = self.size
        if records[0].offset != self.next:
            # An append whose outcome was unknown did reach the log: what lies between is read from there.
            self.records, self.sizes, self.size = [], [], 0
        self.records += records
        self.sizes += sizes
        self.size += sum(sizes) + RECORD_BYTES * len(sizes)
        self.next = records[-1].offset + 1
        # Forgetting half at once makes it cheap per record.
        while len(self.records) > 2 * TAIL_RECORDS or (self.size > 2 * TAIL_BYTES and len(self.records) > 1):
            self.halve()
        self.wake()
        return self.size - before

    def wake(self) -> None:
        """Whoever waits for what is there now waits no longer."""
        for future, start in self.waiting.items():
            if start < self.next and not future.done():
                future.set_result(True)

    def halve(self) -> int:
        """Forget the older half; returns how many bytes that freed."""
        half = (len(self.records) + 1) // 2
        freed = sum(self.sizes[:half]) + RECORD_BYTES * half
        del self.records[:half], self.sizes[:half]
        self.size -= freed
        return freed

    def read(self, start: int, limit: int, most: int) -> list[Record] | None:
        """Up to `limit` records and about `most` bytes from `start`; None when memory no longer holds that offset."""
        at = start - (self.next - len(self.records))
        if at < 0:
            return None
        stop = min(at + limit, len(self.records))
        # All sizes together bound any part of them: only a tail of large records needs counting.
        if self.size > most:
            size = 0
            for index in range(at, stop):
                size += self.sizes[index]
                if size > most and index > at:
                    stop = index
                    break
        return self.records[at:stop]


class Tails:
    """The tails of all partitions, in one budget of memory."""

    def __init__(self) -> None:
        self._tails: dict[tuple[str, int], Tail] = {}
        self._size = 0

    def of(self, topic: str, partition: int) -> Tail:
        """The tail of a partition; an empty one for a topic nobody wrote to."""
        tail = self._tails.get((topic, partition))
        if tail is None:
            tail = self._tails[topic, partition] = Tail(0, 0)
        return tail

    def extend(self, topic: str, partition: int, records: Sequence[Record], sizes: Sequence[int]) -> None:
        """Take in durable records; when the budget is spent, the largest tail gives half of its own away."""
        self._size += self.of(topic, partition).extend(records, sizes)
        while self._size > TAILS_BYTES:
            largest = max(self._tails.values(), key=lambda tail: tail.size)
            self._size -= largest.halve()

    def restart(self, topic: str, partition: int, bounds: Bounds) -> None:
        """Hold nothing of a partition, and go on from the end of a log that is elsewhere."""
        tail = self.of(topic, partition)
        self._size -= tail.size
        tail.records, tail.sizes, tail.size = [], [], 0
        tail.first, tail.next = bounds.first, bounds.next
        tail.wake()

    def wake_all(self) -> None:
        """Nobody waits any longer: the log closes."""
        for tail in self._tails.values():
            for future in tail.waiting:
                if not future.done():
                    future.set_result(False)
