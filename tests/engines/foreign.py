"""A writer that is none of ours: it knows no rules, and can do what our adapter never does."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from shared.broker import Outgoing
from shared.brokers.kafka_address import KafkaAddress

LENGTH, LENGTH_ENDS = 8, 12
SUM, SUM_ENDS = 17, 21
LATEST, LATEST_ENDS = 35, 43
"""Where a batch of Kafka's has how long it is after that, a sum over all after that, and the latest of its times."""


async def write_in_a_transaction(address: KafkaAddress, topic: str, partition: int, *values: bytes) -> None:
    """Each value in a transaction of its own: the mark of its end takes an offset and is no record."""
    producer = AIOKafkaProducer(**address.asyncio_client(), transactional_id=f"{address.prefix}foreign")
    await producer.start()
    try:
        for value in values:
            async with producer.transaction():
                await producer.send_and_wait(address.prefix + topic, value, partition=partition)
    finally:
        await producer.stop()


def write_record(
    address: KafkaAddress, topic: str, partition: int, key: bytes | None, value: bytes, headers: Mapping[str, str]
) -> int:
    """Anything at all; its offset."""

    async def write() -> int:
        producer = AIOKafkaProducer(**address.asyncio_client(), acks="all")
        await producer.start()
        try:
            said = [(name, content.encode()) for name, content in headers.items()]
            place = await producer.send_and_wait(
                address.prefix + topic, value, key=key, partition=partition, headers=said
            )
            return int(place.offset)
        finally:
            await producer.stop()

    return asyncio.run(write())


def take_by_a_wrong_clock(segment: Path, at: int) -> int:
    """Have a log's last batch be one its node took at another time (milliseconds since 1970); its first offset.

    The node must be down. It is what a node whose clock is wrong leaves behind: no clock of a Java process can be set wrong
    here, and Kafka takes such a time from no writer.
    """
    content = bytearray(segment.read_bytes())
    begin = end = 0
    while end < len(content):
        begin, end = end, end + LENGTH_ENDS + int.from_bytes(content[end + LENGTH : end + LENGTH_ENDS])
    content[begin + LATEST : begin + LATEST_ENDS] = at.to_bytes(8)
    content[begin + SUM : begin + SUM_ENDS] = int(calc_crc32c(bytes(content[begin + SUM_ENDS : end]))).to_bytes(4)
    segment.write_bytes(content)
    return int.from_bytes(content[begin : begin + LENGTH])


def wire_size(record: Outgoing) -> int:
    """How many bytes a record has within a batch, by the library that writes it."""
    builder: Any = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 22)
    empty: int = builder.size()
    builder.append(100_000, 0, record.key, record.value, list(record.headers))
    return int(builder.size()) - empty
