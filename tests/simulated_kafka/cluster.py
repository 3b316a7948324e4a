"""The log in memory, beneath the clients: topics with an identity, records with places and times, and its faults."""

import asyncio
import uuid
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from aiokafka import TopicPartition

from shared.clock import SECOND, Ms
from tests.simulated_kafka.host import passing

if TYPE_CHECKING:
    from tests.simulated_kafka.group import Group

START: Ms = 1_767_225_600_000
LOG_APPEND_TIME = 1
LIMIT = 2 << 20
FETCH = 1 << 20
DELAYS = (0.0, 0.0, 0.001, 0.003, 0.02)
Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as consumers give it. One that is no record (the end of a transaction) only takes an offset."""

    topic: str
    partition: int
    offset: int
    timestamp: Ms
    timestamp_type: int
    key: bytes | None
    value: bytes
    headers: Headers = ()


@dataclass(slots=True)
class Partition:
    """One partition's records. `first` is the oldest offset kept, `next` the one the next record gets."""

    first: int = 0
    next: int = 0
    latest: Ms = 0
    records: list[Stored] = field(default_factory=list)

    def read(self, start: int, limit: int) -> list[Stored]:
        """Records from an offset on, as many as a fetch takes, at least one."""
        at = bisect_left(self.records, start, key=lambda one: one.offset)
        found = self.records[at : at + limit]
        sizes = accumulate(len(one.value) for one in found)
        return [one for one, size in zip(found, sizes, strict=True) if size <= FETCH] or found[:1]


@dataclass(slots=True)
class Topic:
    """All partitions of a topic, and how it is kept."""

    partitions: list[Partition]
    configs: dict[str, str]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def timestamp_type(self) -> int:
        return int(self.configs.get("message.timestamp.type") == "LogAppendTime")

    @property
    def limit(self) -> int:
        return int(self.configs.get("max.message.bytes", LIMIT))


class Cluster:
    """What all processes talk to. With `chance` every answer takes a while; without, hardly any.

    `now` is the clock of the machines the log is on. `outcomes` are what becomes of the next batches for a partition:
    "refused", "lost" (taken, but nobody hears of it), "repeated" (taken, the answer is lost, the library sends again).
    """

    def __init__(self, now: Callable[[], Ms] | None = None, chance: Random | None = None) -> None:
        self.now = now or loop_time
        self.chance = chance
        self.up = True
        self.topics: dict[str, Topic] = {}
        self.groups: dict[str, Group] = {}
        self.outcomes: dict[TopicPartition, list[str]] = {}
        self.unsure: dict[TopicPartition, int] = {}
        """Where a writer waited for the leader alone: from this offset on."""
        self.fetched = 0
        """How many records consumers were given."""
        self._changed = asyncio.Event()

    async def answer(self) -> None:
        """What every request takes: a way there and back. Dead processes get no further, frozen ones wait."""
        await passing()
        await asyncio.sleep(self.chance.choice(DELAYS) if self.chance else 0)
        await passing()

    def partition(self, where: TopicPartition) -> Partition:
        found: Partition = self.topics[where.topic].partitions[where.partition]
        return found

    def append(self, where: TopicPartition, records: Sequence[tuple[bytes, bytes, Headers]], at: Ms = 0) -> int:
        """Take records, with the log's own time unless the topic keeps writers' times. Returns the first offset."""
        topic, log = self.topics[where.topic], self.partition(where)
        first = log.next
        log.latest = max(log.latest, self.now())
        for key, value, headers in records:
            stamp = log.latest if topic.timestamp_type else at
            kind = topic.timestamp_type
            log.records.append(Stored(where.topic, where.partition, log.next, stamp, kind, key, value, tuple(headers)))
            log.next += 1
        self.notify()
        return first

    def skip(self, where: TopicPartition) -> None:
        """An offset is taken by what is no record."""
        self.partition(where).next += 1
        self.notify()

    def forget(self, where: TopicPartition, before: int) -> None:
        """Retention."""
        log = self.partition(where)
        log.records = [one for one in log.records if one.offset >= before]
        log.first = max(log.first, before)

    def cut(self, where: TopicPartition, end: int) -> None:
        """Lose what was acknowledged."""
        log = self.partition(where)
        log.records = [one for one in log.records if one.offset < end]
        log.next = end

    def fail_over(self) -> None:
        """Leaders die: what no other replica has is gone."""
        for where, end in self.unsure.items():
            self.cut(where, min(end, self.partition(where).next))
        self.unsure.clear()

    def notify(self) -> None:
        """Something changed: whoever waits looks again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self, seconds: float) -> None:
        """Wait for one, so long at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()


def loop_time() -> Ms:
    """Time as the event loop has it."""
    return START + round(asyncio.get_running_loop().time() * SECOND)
