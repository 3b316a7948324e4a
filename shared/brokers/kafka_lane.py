"""A lane: what goes to one partition, in order, one batch under way at a time; whoever comes meanwhile shares the next.

A call's records of a partition stand in the lane together, so they lie in the log together, whatever others append.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from shared.broker import MAX_RECORD_BYTES, BrokerUnavailable, Outgoing, Place, RecordTooLarge, WrongLog
from shared.brokers.kafka_faults import told
from shared.brokers.kafka_producer import BATCH_BYTES, MESSAGE_BYTES, Producers
from shared.clock import SECOND, Ms

RECORD_OVERHEAD = 24
HEADER_OVERHEAD = 16
BATCH_OVERHEAD = 1024
LOG_APPEND_TIME = 1
"""How a record's metadata say that its time is the log's, not a writer's."""

Appended = Callable[[Sequence[Outgoing], Sequence[Place]], None]


def weigh(record: Outgoing) -> int:
    """About how many bytes it has on the wire, never fewer than it really has. Raises RecordTooLarge."""
    size = len(record.key) + len(record.value) + sum(len(name.encode()) + len(value) for name, value in record.headers)
    whole = size + RECORD_OVERHEAD + HEADER_OVERHEAD * len(record.headers)
    if size > MAX_RECORD_BYTES or whole > MESSAGE_BYTES - BATCH_OVERHEAD:
        raise RecordTooLarge(f"{size} bytes for {record.topic}; the limit is {MAX_RECORD_BYTES}")
    return whole


@dataclass(slots=True, eq=False)
class Share:
    """The records of one call for one partition; `places` grows as they are acknowledged. None is sent after `until`, by the
    loop's time, unless some were before: nobody must find in the log what seemed to be given up long ago."""

    records: Sequence[Outgoing]
    sizes: Sequence[int]
    until: float
    future: "asyncio.Future[list[Place]]"
    places: list[Place] = field(default_factory=list)

    def settle(self, fault: Exception | None = None) -> None:
        """Tell the caller, if it still waits."""
        if self.future.done():
            return
        if fault is None:
            self.future.set_result(self.places)
        else:
            self.future.set_exception(fault)


class Lane:
    """The way to one partition. `name` is the topic's in the cluster."""

    def __init__(self, name: str, partition: int, producers: Producers, patience: Ms, appended: Appended) -> None:
        self._name, self._partition = name, partition
        self._producers, self._patience, self._appended = producers, patience, appended
        self._waiting: deque[Share] = deque()
        self._running: asyncio.Task[None] | None = None

    def put(self, records: Sequence[Outgoing], sizes: Sequence[int]) -> "asyncio.Future[list[Place]]":
        """Queue records of one call; the future gives their places, or raises BrokerUnavailable."""
        loop = asyncio.get_running_loop()
        share = Share(records, sizes, loop.time() + self._patience / SECOND, loop.create_future())
        self._waiting.append(share)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name=f"lane {self._name}/{self._partition}")
        return share.future

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = self._take()
                try:
                    if batch:
                        await self._send(batch)
                except Exception as fault:  # noqa: BLE001 - whatever it was, who waits must hear of it
                    for share, _ in batch:
                        share.settle(fault)
                        if self._waiting and self._waiting[0] is share:
                            self._waiting.popleft()  # its rest must not overtake what was lost before it
        finally:
            self._running = None

    def _take(self) -> list[tuple[Share, range]]:
        """As many records as make a batch, none where all waited too long; a share that does not fit stays first."""
        batch: list[tuple[Share, range]] = []
        size, now = 0, asyncio.get_running_loop().time()
        while self._waiting:
            share = self._waiting[0]
            if not share.places and share.until < now:
                self._waiting.popleft()
                share.settle(BrokerUnavailable(f"{self._name}/{self._partition} did not come to it in time"))
                continue
            begin = end = len(share.places)
            while end < len(share.records) and (size == 0 or size + share.sizes[end] <= BATCH_BYTES):
                size += share.sizes[end]
                end += 1
            if end > begin:
                batch.append((share, range(begin, end)))
            if end < len(share.records):
                break
            self._waiting.popleft()
        return batch

    async def _send(self, batch: Sequence[tuple[Share, range]]) -> None:
        producer = await self._producers.current()
        try:
            with told(f"{self._name}/{self._partition} took nothing, as far as is known"):
                async with asyncio.timeout(2 * self._patience / SECOND):
                    taken = await self._produce(producer, batch)
        except BaseException:
            self._producers.discard(producer)
            raise
        if taken.timestamp_type != LOG_APPEND_TIME:
            raise WrongLog(
                f"topic {self._name} does not keep the log's own time; put it right: python -m services topics"
            )
        offset = taken.offset
        for share, part in batch:
            records = [share.records[index] for index in part]
            places = list(map(partial(_place, at=taken.timestamp), records, range(offset, offset + len(part))))
            offset += len(part)
            share.places += places
            self._appended(records, places)
            if len(share.places) == len(share.records):
                share.settle()

    async def _produce(self, producer: AIOKafkaProducer, batch: Sequence[tuple[Share, range]]) -> RecordMetadata:
        builder = producer.create_batch()
        for share, part in batch:
            for index in part:
                record = share.records[index]
                headers = list(record.headers)
                if builder.append(timestamp=None, key=record.key, value=record.value, headers=headers) is None:
                    raise ValueError(f"a batch for {self._name} has no room for what was weighed")
        builder.close()
        acknowledged = await producer.send_batch(builder, self._name, partition=self._partition)
        return await acknowledged


def _place(record: Outgoing, offset: int, at: Ms) -> Place:
    return Place(record.topic, record.partition, offset, at)
