"""The consumer, alone or in a group: it stands somewhere in each partition, and gives what comes there."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaConnectionError, KafkaTimeoutError, OffsetOutOfRangeError

from shared.clock import SECOND, Ms
from tests.simulated_kafka.cluster import Cluster, Stored
from tests.simulated_kafka.group import Group, Listener
from tests.simulated_kafka.host import CURRENT, passing

MANY = 500
INSTANT = 1e-6
"""What floating point makes of no time."""


class Consumer:
    """As much of AIOKafkaConsumer as is used."""

    def __init__(self, cluster: Cluster, **given: Any) -> None:
        self.cluster, self.given = cluster, given
        self._positions: dict[TopicPartition, int] = {}
        self._settled = asyncio.Event()
        self._settled.set()
        self.stopped = False
        self.process = CURRENT.get()
        self.listener: Listener | None = None
        self.topics: Collection[str] = ()
        self.generation = 0
        self.paused: set[TopicPartition] = set()
        self.begins_paused = False

    @property
    def group(self) -> Group:
        name = self.given["group_id"]
        return self.cluster.groups.setdefault(name, Group(self.cluster))

    @property
    def session(self) -> Ms:
        session: Ms = self.given["session_timeout_ms"]
        return session

    async def start(self) -> None:
        await self._answer(KafkaConnectionError)

    async def stop(self) -> None:
        if not self.stopped:
            self.stopped = True
            if self.listener is not None:
                await passing()
                self.group.leave(self)
            self.cluster.notify()

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._positions = dict.fromkeys(partitions, 0)

    def seek(self, where: TopicPartition, offset: int) -> None:
        if where not in self._positions:
            raise IllegalStateError(f"{where} is not assigned")
        self._positions[where] = offset

    def subscribe(self, topics: Collection[str], *, listener: Listener) -> None:
        self.topics, self.listener = tuple(topics), listener
        self.group.join(self)

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._positions)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: Ms = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[Stored]]:
        """What is there, or comes in time; while partitions change hands, nothing but a wait for the end of that."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / SECOND
        await self.cluster.answer()
        while not self.stopped:
            await self._settled.wait()
            await passing()
            if found := self._fetched(partitions, max_records or MANY):
                return found
            left = deadline - loop.time()
            if left < INSTANT:
                break
            await self.cluster.change(left)
        return {}

    async def beginning_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        await self._answer(KafkaTimeoutError)
        return {where: self.cluster.partition(where).first for where in partitions}

    async def end_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        await self._answer(KafkaTimeoutError)
        return {where: self.cluster.partition(where).next for where in partitions}

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        await self._answer(KafkaTimeoutError)
        self.group.commit(self, offsets)

    def unsettle(self) -> None:
        """Partitions are about to change hands: nothing is given meanwhile."""
        self._settled.clear()

    def settle(self, positions: dict[TopicPartition, int], generation: int) -> None:
        """It has these from now on, and stands where the group says."""
        self._positions, self.generation = positions, generation
        self.paused = set(positions) if self.begins_paused else self.paused & positions.keys()
        self._settled.set()
        self.cluster.notify()

    async def _answer(self, silence: type[Exception]) -> None:
        await self.cluster.answer()
        if not self.cluster.up:
            raise silence

    def _fetched(self, wanted: Collection[TopicPartition], limit: int) -> dict[TopicPartition, list[Stored]]:
        found: dict[TopicPartition, list[Stored]] = {}
        for where in self._positions if self.cluster.up else ():
            if (wanted and where not in wanted) or where in self.paused or limit <= 0:
                continue
            self._keep_within(where)
            if records := self.cluster.partition(where).read(self._positions[where], limit):
                found[where] = records
                limit -= len(records)
                self.cluster.fetched += len(records)
                self._positions[where] = records[-1].offset + 1
        return found

    def _keep_within(self, where: TopicPartition) -> None:
        log, position = self.cluster.partition(where), self._positions[where]
        if log.first <= position <= log.next:
            return
        if self.given.get("auto_offset_reset") == "none":
            raise OffsetOutOfRangeError({where: position})
        self._positions[where] = log.first
