"""A writer that is none of ours: it knows no rules, and can do what our adapter never does."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from shared.broker import Outgoing
from shared.brokers.kafka_address import KafkaAddress


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


def wire_size(record: Outgoing) -> int:
    """How many bytes a record has within a batch, by the library that writes it."""
    builder: Any = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 22)
    empty: int = builder.size()
    builder.append(100_000, 0, record.key, record.value, list(record.headers))
    return int(builder.size()) - empty
