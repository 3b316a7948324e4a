"""The log in memory, under the same contract suite as the real one. Every call can fail before, between and after."""

from collections.abc import Sequence
from itertools import accumulate

from shared.broker import (
    MAX_RECORD_BYTES,
    Bounds,
    BrokerUnavailable,
    OffsetOutOfRange,
    Outgoing,
    Place,
    Record,
    RecordTooLarge,
)
from shared.catalogue.codec import decode
from tests.simulation.pauses import Pausing, Reached, Rest, pause
from tests.simulation.time import Time

ASKED = Reached("append", "broker")
ANSWERED = Reached("appended", "broker")
READ = Reached("read", "broker")
READ_BYTES = 16 << 20
"""A read gives no more than that at once, or one record."""


class MemoryBroker:
    """Append time is the world's time: the machine that holds the log has a clock of its own."""

    def __init__(self, time: Time, partitions: int = 1, pausing: Pausing = pause) -> None:
        self._pause = pausing
        self._time = time
        self._partitions = partitions
        self.logs: dict[tuple[str, int], list[Record]] = {}
        self.first: dict[tuple[str, int], int] = {}
        self._latest: dict[tuple[str, int], int] = {}
        self.incarnation = 1
        self.torn = 0
        """How many records of the next append get in before the answer is lost; 0: all, and the answer comes."""

    @property
    def partitions(self) -> int:
        return self._partitions

    def _demand(self, partition: int) -> None:
        if not 0 <= partition < self._partitions:
            raise ValueError(f"partition {partition} of {self._partitions}")

    def log(self, topic: str, partition: int) -> list[Record]:
        return self.logs.setdefault((topic, partition), [])

    async def append(self, records: Sequence[Outgoing]) -> list[Place]:
        for record in records:
            size = len(record.key) + len(record.value) + sum(len(n) + len(v) for n, v in record.headers)
            if size > MAX_RECORD_BYTES:
                raise RecordTooLarge(f"{size} bytes")
            self._demand(record.partition)
        if not self._time.calm:
            await self._pause(ASKED)
        if self.torn:
            kept, self.torn = self.torn, 0
            self._take(_torn(records, kept))
            raise BrokerUnavailable("some of it may be there")
        places = self._take(records)
        if not self._time.calm:
            await self._pause(ANSWERED)
        return places

    def _take(self, records: Sequence[Outgoing]) -> list[Place]:
        places = []
        for record in records:
            log = self.log(record.topic, record.partition)
            place = (record.topic, record.partition)
            at = self._latest[place] = max(self._time.now, self._latest.get(place, 0))
            offset = log[-1].offset + 1 if log else self.first.get(place, 0)
            kept = Record(record.topic, record.partition, offset, at, record.key, record.value, tuple(record.headers))
            if record.decoded is not None and decode(kept) != record.decoded:
                raise AssertionError(f"readers of this process would read other than what is written: {record}")
            log.append(kept)
            places.append(Place(record.topic, record.partition, offset, at))
        return places

    async def read(self, topic: str, partition: int, start: int, limit: int = 500) -> list[Record]:
        self._demand(partition)
        if not self._time.calm:
            await self._pause(READ)
        first = self.first.get((topic, partition), 0)
        if start < first:
            raise OffsetOutOfRange(f"{start} of {topic}/{partition}, which begins at {first}")
        found = self.log(topic, partition)[start - first : start - first + min(limit, self._time.batch())]
        sizes = accumulate(len(record.value) for record in found)
        return [record for record, size in zip(found, sizes, strict=True) if size <= READ_BYTES] or found[:1]

    async def wait(self, topic: str, partition: int, start: int, timeout: int) -> bool:
        def ready() -> bool:
            log = self.log(topic, partition)
            return bool(log) and log[-1].offset >= start

        if not ready():
            await self._pause(Rest(self._time.now + timeout, ready))
        return ready()

    async def bounds(self, topic: str, partition: int) -> Bounds:
        await self._pause(READ)
        first = self.first.get((topic, partition), 0)
        return Bounds(first, first + len(self.log(topic, partition)))

    def end(self, topic: str, partition: int) -> int | None:
        return self.first.get((topic, partition), 0) + len(self.log(topic, partition))

    async def trim(self, topic: str, partition: int, before: int) -> int:
        log, first = self.log(topic, partition), self.first.get((topic, partition), 0)
        gone = next((place for place, record in enumerate(log) if record.appended_at >= before), len(log))
        del log[:gone]
        self.first[topic, partition] = first + gone
        return first + gone

    async def topic_id(self, topic: str) -> str:
        return f"{topic}#{self.incarnation}"

    async def close(self) -> None:
        """Nothing is held."""


def _torn(records: Sequence[Outgoing], kept: int) -> list[Outgoing]:
    """Per partition a beginning gets in; partitions fare differently, as on several machines."""
    left: dict[tuple[str, int], int] = {}
    taken = []
    for record in records:
        place = (record.topic, record.partition)
        left.setdefault(place, (kept + 7 * len(left)) % (len(records) + 1))
        if left[place]:
            left[place] -= 1
            taken.append(record)
    return taken
