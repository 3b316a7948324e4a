"""Fills the tails: one group-less consumer follows every partition somebody in this process reads at its end."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from shared.broker import Bounds, BrokerUnavailable, Record, WrongLog
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_faults import ended
from shared.brokers.kafka_offsets import Ends, Offsets
from shared.brokers.kafka_reader import hole_in, records_of, started
from shared.brokers.kafka_topics import Topics
from shared.brokers.tail import Tail, Tails
from shared.clock import SECOND, Ms

LOOK: Ms = SECOND // 5
PAUSE: Ms = SECOND // 5
WATCH: Ms = 30 * SECOND
HOLES = 3
"""So often a hole is asked for again before it is believed."""


class Follower:
    """Enrols partitions and keeps their tails at the end of the log."""

    def __init__(self, address: KafkaAddress, tails: Tails, offsets: Offsets, topics: Topics) -> None:
        self._address, self._tails, self._offsets, self._topics = address, tails, offsets, topics
        self._ends = Ends(offsets)
        self._enrolled: dict[TopicPartition, tuple[str, Tail]] = {}
        self._enrolling: dict[TopicPartition, asyncio.Task[Tail]] = {}
        self._assigned: set[TopicPartition] = set()
        self._beyond: dict[tuple[str, int], int] = {}
        self._fed: dict[TopicPartition, bool] = {}
        """What a shell brings, and whether it left something out, which is fetched here then."""
        self._holes = 0
        self._running: list[asyncio.Task[None]] = []
        self.fault: WrongLog | None = None
        """What ended it; every call is told from then on."""

    async def tail(self, topic: str, partition: int) -> Tail:
        """The partition's tail, followed from now on. Raises BrokerUnavailable."""
        where = TopicPartition(self._address.prefix + topic, partition)
        if where in self._enrolled:
            return self._enrolled[where][1]
        enrolling = self._enrolling.get(where)
        if enrolling is None:
            enrolling = self._enrolling[where] = asyncio.create_task(self._enrol(where, topic))
        return await asyncio.shield(enrolling)

    def known(self, topic: str, partition: int) -> Tail | None:
        """The partition's tail where it is followed already."""
        found = self._enrolled.get(TopicPartition(self._address.prefix + topic, partition))
        return found and found[1]

    def take(self, topic: str, partition: int, records: Sequence[Record], sizes: Sequence[int]) -> None:
        """Durable records from elsewhere (an own append, a shell's fetch): what continues the tail is kept."""
        tail = self.known(topic, partition)
        if tail is None or not records:
            return
        if records[0].offset > tail.next:
            self._beyond[topic, partition] = records[-1].offset + 1
            return
        new = tail.next - records[0].offset
        if new < len(records):
            self._tails.extend(topic, partition, records[new:], sizes[new:])

    def feed(self, topic: str, partition: int) -> None:
        """A shell brings this partition's records from now on: none is fetched here that it does not leave out."""
        self._fed[TopicPartition(self._address.prefix + topic, partition)] = False

    def fed(self, topic: str, partition: int, first: int) -> None:
        """A shell brings records from `first` on."""
        where, tail = TopicPartition(self._address.prefix + topic, partition), self.known(topic, partition)
        if where in self._fed and tail is not None:
            self._fed[where] = first > tail.next

    def end(self, topic: str, partition: int) -> int:
        """Where a followed partition ends, as far as is known here; its tail may still be on the way there."""
        where = (topic, partition)
        return max(self._tails.of(*where).next, self._beyond.get(where, 0))

    def said_end(self, topic: str, partition: int) -> int | None:
        """Where it ends as the cluster said not long ago, or beyond; None: the cluster does not say."""
        said = self._ends.of(TopicPartition(self._address.prefix + topic, partition))
        return None if said is None else max(said, self.end(topic, partition))

    def leave(self, topic: str, partition: int) -> None:
        """Nobody here reads this partition any longer."""
        where = TopicPartition(self._address.prefix + topic, partition)
        self._fed.pop(where, None)
        if self._enrolled.pop(where, None):
            self._beyond.pop((topic, partition), None)
            self._tails.restart(topic, partition, Bounds(0, 0))

    async def close(self) -> None:
        """Stop following. Idempotent."""
        await asyncio.gather(*self._enrolling.values(), return_exceptions=True)
        self._tails.wake_all()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _enrol(self, where: TopicPartition, topic: str) -> Tail:
        try:
            bounds = await self._offsets.bounds(topic, where.partition)
            self._ends.note(where, bounds.next)
            tail = self._tails.of(topic, where.partition)
            self._tails.restart(topic, where.partition, bounds)
            self._enrolled[where] = (topic, tail)
            if not self._running:
                self._running = [asyncio.create_task(each) for each in (self._run(), self._watch(), self._look_ahead())]
            return tail
        finally:
            del self._enrolling[where]

    async def _run(self) -> None:
        """Follow for ever; a consumer that fails is thrown away."""
        while True:
            consumer: AIOKafkaConsumer | None = None
            try:
                consumer = await started(self._address)
                self._assigned = set()
                while True:
                    await self._follow(consumer)
            except WrongLog as fault:
                self._end(fault)
                return
            except (KafkaError, OSError, TimeoutError, BrokerUnavailable):
                await asyncio.sleep(PAUSE / SECOND)
            finally:
                if consumer is not None:
                    await ended(consumer.stop())

    async def _watch(self) -> None:
        """Look now and then whether the topics are still the same: a new one that has grown long enough looks alike."""
        while True:
            await asyncio.sleep(WATCH / SECOND)
            try:
                await self._topics.check()
            except WrongLog as fault:
                self._end(fault)
                return
            except BrokerUnavailable:
                continue

    async def _look_ahead(self) -> None:
        """A tail that does not grow, its shell silent or its consumer, is told from a log that does not."""
        await self._ends.watch(self._enrolled.keys)

    def _end(self, fault: WrongLog) -> None:
        self.fault = fault
        self._tails.wake_all()

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        wanted = {where for where in self._enrolled if self._fed.get(where, True)}
        if self._assigned != wanted:
            self._assigned = wanted
            consumer.assign(sorted(wanted))
            for where in wanted:
                consumer.seek(where, self._enrolled[where][1].next)
        if not self._assigned:
            await asyncio.sleep(LOOK / SECOND)
            return
        try:
            fetched = await consumer.getmany(timeout_ms=LOOK)
        except OffsetOutOfRangeError:
            await self._judge(consumer)
            return
        for where, found in fetched.items():
            if where in self._enrolled and where in self._assigned:
                self._take(consumer, where, found)

    def _take(self, consumer: AIOKafkaConsumer, where: TopicPartition, found: Sequence[Any]) -> None:
        topic, tail = self._enrolled[where]
        new = [one for one in found if one.offset >= tail.next]
        if (hole := hole_in(new, tail.next)) is not None:
            self._holes += 1
            if self._holes > HOLES:
                raise WrongLog(f"{where.topic}/{where.partition} has a hole at {hole}")
            consumer.seek(where, tail.next)
            return
        if new:
            self._holes = 0
            sizes = [len(one.value or b"") + len(one.key or b"") for one in new]
            self._tails.extend(topic, where.partition, records_of(new, topic), sizes)

    async def _judge(self, consumer: AIOKafkaConsumer) -> None:
        """A position the log does not have: retention passed it, or the log lost its end."""
        for where, (topic, tail) in list(self._enrolled.items()):
            bounds = await self._offsets.bounds(topic, where.partition)
            if bounds.next < tail.next:
                raise WrongLog(
                    f"{where.topic}/{where.partition} ended at {tail.next} and now ends at {bounds.next}: acknowledged"
                    " records are lost, or the topic was created anew"
                )
            if tail.next < bounds.first:
                self._tails.restart(topic, where.partition, bounds)
            consumer.seek(where, tail.next)
