"""The producer: batches for one partition, acknowledged or not. After a failure that partition is stuck."""

import asyncio
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError

from shared.clock import SECOND, Ms
from tests.simulated_kafka.cluster import Cluster, Headers

RECORD, HEADER = 24, 16


class Taken(NamedTuple):
    """What is said of an acknowledged batch."""

    offset: int
    timestamp: Ms
    timestamp_type: int


class Batch:
    """Records under way."""

    def __init__(self, room: int) -> None:
        self.records: list[tuple[bytes, bytes, Headers]] = []
        self.size, self._room, self._closed = 0, room, False

    def append(self, *, timestamp: Ms | None, key: bytes, value: bytes, headers: Headers) -> object | None:
        size = RECORD + len(key) + len(value) + sum(HEADER + len(name) + len(content) for name, content in headers)
        if self._closed or (self.records and self.size + size > self._room):
            return None
        self.records.append((key, value, tuple(headers)))
        self.size += size
        return self

    def close(self) -> None:
        self._closed = True


class Connections:
    """What the producer holds open."""

    async def close(self) -> None:
        """Nothing is held."""


class Producer:
    """As much of AIOKafkaProducer as is used."""

    def __init__(self, cluster: Cluster, **given: Any) -> None:
        self._cluster, self._given = cluster, given
        self._patience: Ms = given["request_timeout_ms"]
        self._sender = None
        self._stuck: set[TopicPartition] = set()
        self._stopped = False
        self._under_way: set[asyncio.Task[None]] = set()
        self.client = Connections()

    async def start(self) -> None:
        await self._cluster.answer()
        if not self._cluster.up:
            raise KafkaConnectionError("no server")

    async def stop(self) -> None:
        """Waits for what is under way."""
        self._stopped = True
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def create_batch(self) -> Batch:
        return Batch(self._given["max_batch_size"])

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Future[Taken]":
        assert not self._stopped, "a producer that was stopped is used"
        future: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        sending = asyncio.create_task(self._send(batch, TopicPartition(topic, partition), future))
        self._under_way.add(sending)
        sending.add_done_callback(self._under_way.discard)
        return future

    async def _send(self, batch: Batch, where: TopicPartition, future: "asyncio.Future[Taken]") -> None:
        try:
            taken = await self._taken(batch, where)
        except Exception as fault:  # noqa: BLE001 - who waits for it hears of it
            if not future.done():
                future.set_exception(fault)
                future.exception()
        else:
            if not future.done():
                future.set_result(taken)

    async def _taken(self, batch: Batch, where: TopicPartition) -> Taken:
        await self._cluster.answer()
        topic = self._cluster.topics[where.topic]
        outcome = next(iter(self._cluster.outcomes.get(where, ())), "")
        if where in self._stuck or not self._cluster.up:
            await asyncio.sleep(self._patience / SECOND)
            raise KafkaTimeoutError
        if self._cluster.outcomes.get(where):
            self._cluster.outcomes[where].pop(0)
        if batch.size > topic.limit or outcome == "refused":
            self._stuck.add(where)
            raise MessageSizeTooLargeError if batch.size > topic.limit else KafkaTimeoutError
        offset = self._cluster.append(where, batch.records, self._cluster.now())
        if self._given["acks"] != "all":
            self._cluster.unsure.setdefault(where, offset)
        at = self._cluster.partition(where).latest
        if outcome == "repeated" and not self._given.get("enable_idempotence"):
            self._cluster.append(where, batch.records, self._cluster.now())
        await self._cluster.answer()
        if outcome == "lost":
            self._stuck.add(where)
            raise KafkaTimeoutError
        return Taken(offset, at, topic.timestamp_type)
