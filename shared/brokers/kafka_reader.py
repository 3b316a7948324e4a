"""Reads by offset, of what no tail holds: a few group-less consumers, each going on where its last read ended."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from shared.broker import BrokerUnavailable, OffsetOutOfRange, Record, WrongLog
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_faults import ended, told
from shared.brokers.kafka_lane import LOG_APPEND_TIME
from shared.clock import SECOND

CURSORS = 8
FETCH_WAIT = 250
"""Milliseconds a node holds a fetch that finds nothing."""


def new_consumer(address: KafkaAddress) -> AIOKafkaConsumer:
    """One that belongs to no group, keeps no position and never chooses one."""
    return AIOKafkaConsumer(
        **address.asyncio_client(),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=FETCH_WAIT,
    )


async def started(address: KafkaAddress) -> AIOKafkaConsumer:
    """A new consumer that reached the cluster. Raises what its library raises."""
    consumer = new_consumer(address)
    try:
        # not wait_for: in Python 3.11 it forgets that it was cancelled when what it waits for has just ended
        async with asyncio.timeout(address.patience / SECOND):
            await consumer.start()
    except BaseException:
        await ended(consumer.stop())
        raise
    return consumer


def records_of(fetched: Sequence[Any], topic: str) -> list[Record]:
    """As the port has them. Raises WrongLog where times are not the log's."""
    if fetched and fetched[0].timestamp_type != LOG_APPEND_TIME:
        raise WrongLog(f"topic {topic} does not keep the log's own time; put it right: python -m services topics")
    return [
        Record(topic, one.partition, one.offset, one.timestamp, one.key, one.value or b"", tuple(one.headers))
        for one in fetched
    ]


def hole_in(fetched: Sequence[Any], start: int) -> int | None:
    """The offset that should come and does not. There are no transactions and no compaction here that make holes."""
    if not fetched or (fetched[0].offset == start and fetched[-1].offset == start + len(fetched) - 1):
        return None
    return next((at for at, one in enumerate(fetched, start) if one.offset != at), start)


class Cursor:
    """A consumer that stands somewhere."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address
        self._consumer: AIOKafkaConsumer | None = None
        self.at: tuple[TopicPartition, int] | None = None
        self.turn = asyncio.Lock()

    async def read(self, where: TopicPartition, start: int, limit: int) -> list[Any]:
        """At least one record from `start`. Raises OffsetOutOfRange, BrokerUnavailable."""
        try:
            with told("Kafka gives nothing now"):
                found = await self._fetch(where, start, limit)
        except BaseException:
            await self.close()
            raise
        if not found:
            await self.close()
            raise BrokerUnavailable(f"{where.topic}/{where.partition} gives nothing from {start} now")
        self.at = (where, found[where][-1].offset + 1)
        return list(found[where])

    async def _fetch(self, where: TopicPartition, start: int, limit: int) -> dict[TopicPartition, list[Any]]:
        consumer = self._consumer = self._consumer or await started(self._address)
        if self.at != (where, start):
            consumer.assign([where])
            consumer.seek(where, start)
        try:
            found: dict[TopicPartition, list[Any]]
            found = await consumer.getmany(timeout_ms=self._address.patience, max_records=limit)
        except OffsetOutOfRangeError as error:
            raise OffsetOutOfRange(f"{where.topic}/{where.partition} no longer holds {start}") from error
        return found

    async def close(self) -> None:
        """Let go of its connections; the next read makes new ones."""
        consumer, self._consumer, self.at = self._consumer, None, None
        if consumer is not None:
            await ended(consumer.stop())


class Reader:
    """Ranged reads, for all partitions."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address
        self._cursors: list[Cursor] = []

    async def read(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
        """At least one record from `start`, which is there. Raises OffsetOutOfRange, BrokerUnavailable, WrongLog."""
        where = TopicPartition(self._address.prefix + topic, partition)
        hole: int | None = None
        for _ in range(2):  # a hole is believed when it is seen twice
            cursor = self._choose(where, start)
            async with cursor.turn:
                fetched = await cursor.read(where, start, limit)
                hole = hole_in(fetched, start)
                if hole is None:
                    return records_of(fetched, topic)
                await cursor.close()
        raise WrongLog(f"{where.topic}/{partition} has a hole at {hole}")

    async def close(self) -> None:
        """Let go of all connections. Idempotent."""
        for cursor in self._cursors:
            await cursor.close()

    def _choose(self, where: TopicPartition, start: int) -> Cursor:
        """The one that stands there, else one that is free, else a new one, else the one used longest ago."""
        found = next((one for one in self._cursors if one.at == (where, start) and not one.turn.locked()), None)
        if found is None and len(self._cursors) < CURSORS:
            found = Cursor(self._address)
            self._cursors.append(found)
        if found is None:
            found = next((one for one in self._cursors if not one.turn.locked()), self._cursors[0])
        self._cursors.remove(found)
        self._cursors.append(found)
        return found
