"""The distributed log: Apache Kafka, acknowledged by all replicas in sync, read by offset; topics are made beforehand."""

import asyncio
from collections.abc import Sequence
from operator import attrgetter

from shared.broker import Bounds, BrokerUnavailable, OffsetOutOfRange, Outgoing, Place, Record, WrongLog
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_follower import Follower
from shared.brokers.kafka_lane import Lane, weigh
from shared.brokers.kafka_offsets import Offsets
from shared.brokers.kafka_producer import Producers
from shared.brokers.kafka_reader import Reader
from shared.brokers.kafka_topics import Topics
from shared.brokers.tail import Tail, Tails
from shared.clock import MINUTE, SECOND, Ms, SystemClock

READ_BYTES = 8 << 20
WAITING_BYTES = 64 << 20


class KafkaBroker:
    """A Broker on a cluster, for any number of processes. Connects when it is first used.

    Every call may raise WrongLog: the topics are missing, have another number of partitions, another kind of time, times
    far ahead, or lost what they acknowledged. An append is not one transaction: after BrokerUnavailable a part of it
    may be there.
    """

    def __init__(self, address: KafkaAddress, partitions: int) -> None:
        self._address, self._partitions, self._clock = address, partitions, SystemClock()
        self._topics = Topics(address, partitions)
        self._producers = Producers(address)
        self._reader = Reader(address)
        self._offsets = Offsets(address)
        self._tails = Tails()
        self._follower = Follower(address, self._tails, self._offsets, self._topics)
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._waiting_bytes = 0
        self._appending = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    @property
    def partitions(self) -> int:
        return self._partitions

    async def append(self, records: Sequence[Outgoing]) -> list[Place]:
        sizes = [weigh(record) for record in records]
        for record in records:
            self._check(record.partition)
        if not records:
            return []
        self._admit()
        self._appending += 1
        self._waiting_bytes += sum(sizes)
        self._idle.clear()
        try:
            for topic in {record.topic for record in records}:
                await self._topics.shape(topic)
            return await self._append(records, sizes)
        finally:
            self._waiting_bytes -= sum(sizes)
            self._appending -= 1
            if not self._appending:
                self._idle.set()

    async def read(self, topic: str, partition: int, start: int, limit: int = 500) -> list[Record]:
        if limit < 1:
            raise ValueError(f"a read of {limit} records")
        tail = await self._tail(topic, partition)
        if start < tail.first:
            raise OffsetOutOfRange(f"{topic}/{partition} begins at {tail.first}; {start} is gone")
        if start >= self._follower.end(topic, partition):
            return []
        if start >= tail.next and not await self._arrival(tail, start, self._address.patience):
            raise BrokerUnavailable(f"{topic}/{partition} gives nothing from {start} now")
        found = tail.read(start, limit, READ_BYTES)
        if found is None:
            found = await self._reader.read(topic, partition, start, limit)
        self._check_time(found)
        return found

    async def wait(self, topic: str, partition: int, start: int, timeout: Ms) -> bool:
        try:
            tail = await self._tail(topic, partition)
        except BrokerUnavailable:
            if self._closed:
                return False
            raise
        return tail.next > start or await self._arrival(tail, start, timeout)

    async def bounds(self, topic: str, partition: int) -> Bounds:
        self._check(partition)
        self._admit()
        await self._topics.shape(topic)
        bounds = await self._offsets.bounds(topic, partition)
        # who only asks how far it is, is no reader whom it should be brought
        if (tail := self._follower.known(topic, partition)) is None:
            return bounds
        tail.first = max(tail.first, bounds.first)
        return Bounds(bounds.first, max(bounds.next, tail.next))

    def end(self, topic: str, partition: int) -> int | None:
        return self._follower.said_end(topic, partition)

    async def trim(self, topic: str, partition: int, before: Ms) -> int:  # noqa: ARG002 - the port asks by age; the cluster knows its topics' ages itself
        """Does nothing but say the first offset kept: the cluster forgets by itself, by the topic's retention."""
        return (await self.bounds(topic, partition)).first

    async def topic_id(self, topic: str) -> str:
        self._admit()
        return (await self._topics.shape(topic)).id

    def take(self, records: Sequence[Record]) -> None:
        """Records of one partition, in order, that a shell was given: readers find them without a fetch."""
        if records:
            self._follower.fed(records[0].topic, records[0].partition, records[0].offset)
            self._show(records)

    def feed(self, topic: str, partition: int) -> None:
        """A shell brings this partition's records from now on, until it is left: nothing is fetched that it does not
        leave out."""
        self._follower.feed(topic, partition)

    def held(self, topic: str, partition: int) -> int | None:
        """The offset after the last record readers find without a fetch; None: nobody has read here yet."""
        tail = self._follower.known(topic, partition)
        return None if tail is None else tail.next

    def leave(self, topic: str, partition: int) -> None:
        """Follow this partition no longer: it is another process's now. The next read follows it again."""
        self._follower.leave(topic, partition)

    def check(self) -> None:
        """Raises WrongLog once the log was seen to be wrong, also where nobody reads here just now."""
        if self._follower.fault is not None:
            raise self._follower.fault

    async def close(self) -> None:
        self._closed = True
        await self._idle.wait()
        await self._follower.close()
        await self._reader.close()
        await self._offsets.close()
        await self._producers.close()

    async def _append(self, records: Sequence[Outgoing], sizes: Sequence[int]) -> list[Place]:
        parts: dict[tuple[str, int], list[int]] = {}
        for index, record in enumerate(records):
            parts.setdefault((record.topic, record.partition), []).append(index)
        shares = [
            self._lane(*where).put([records[index] for index in part], [sizes[index] for index in part])
            for where, part in parts.items()
        ]
        places: dict[int, Place] = {}
        outcomes = await asyncio.gather(*shares, return_exceptions=True)
        for outcome, part in zip(outcomes, parts.values(), strict=True):
            if isinstance(outcome, BaseException):
                raise outcome
            places.update(zip(part, outcome, strict=True))
        return [places[index] for index in range(len(records))]

    def _lane(self, topic: str, partition: int) -> Lane:
        lane = self._lanes.get((topic, partition))
        if lane is None:
            name = self._address.prefix + topic
            lane = Lane(name, partition, self._producers, self._address.patience, self._appended)
            self._lanes[topic, partition] = lane
        return lane

    def _appended(self, records: Sequence[Outgoing], places: Sequence[Place]) -> None:
        """Readers of this process need no fetch to see what it has written itself."""
        if self._follower.known(places[0].topic, places[0].partition) is None:
            return
        self._show(
            [
                Record(place.topic, place.partition, place.offset, place.appended_at, one.key, one.value, one.headers)
                for one, place in zip(records, places, strict=True)
            ]
        )

    def _show(self, records: Sequence[Record]) -> None:
        sizes = [len(record.value) + len(record.key or b"") for record in records]
        self._follower.take(records[0].topic, records[0].partition, records, sizes)

    def _check_time(self, found: Sequence[Record]) -> None:
        """Desks take their time from the log, and no clock of a desk ever goes back (R3)."""
        if not found or not self._address.most_ahead:
            return
        # not the last one: a clock that was set right again leaves right times behind the wrong ones
        latest = max(found, key=_time)
        ahead = latest.appended_at - self._clock.now()
        if ahead > self._address.most_ahead:
            raise WrongLog(
                f"{latest.topic}/{latest.partition} was given times up to {ahead // MINUTE} minutes from now, at {latest.offset}:"
                " set right the clock of its node, or of this machine; to take such times as they are, raise"
                " SANAD_KAFKA_MINUTES_AHEAD"
            )

    async def _arrival(self, tail: Tail, start: int, timeout: Ms) -> bool:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        patience = loop.call_later(timeout / SECOND, _give_up, future)
        tail.waiting[future] = start
        try:
            return not self._closed and await future
        finally:
            patience.cancel()
            del tail.waiting[future]

    async def _tail(self, topic: str, partition: int) -> Tail:
        self._check(partition)
        self._admit()
        tail = self._follower.known(topic, partition)
        if tail is None:
            await self._topics.shape(topic)
            tail = await self._follower.tail(topic, partition)
        return tail

    def _admit(self) -> None:
        if self._closed:
            raise BrokerUnavailable("the log is closed")
        self.check()
        if self._waiting_bytes > WAITING_BYTES:
            raise BrokerUnavailable(f"{self._waiting_bytes} bytes are waiting to be appended")

    def _check(self, partition: int) -> None:
        if not 0 <= partition < self._partitions:
            raise ValueError(f"partition {partition} of {self._partitions}")


_time = attrgetter("appended_at")


def _give_up(future: "asyncio.Future[bool]") -> None:
    if not future.done():
        future.set_result(False)
