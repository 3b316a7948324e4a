"""What the engines do on this machine, in this run, for a client that wants nothing else."""

import asyncio
import time
import uuid

from aiokafka import AIOKafkaProducer
from pymongo import AsyncMongoClient, UpdateOne

from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from tests.bench.figures import Figure, percentile
from tests.bench.kafka.scene import Scene

VALUE = b"x" * 300
AT_ONCE = 64
BULK = 200
SECONDS = 2.0
APPEND = "ms, bare append p99"


async def measure_engines(scene: Scene) -> list[Figure]:
    """What broker and database do for a client that wants nothing else: appends acknowledged, documents upserted."""
    address = await _prepared(scene)
    alone = await _appends(address, 1)
    together = await _appends(address, AT_ONCE)
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(scene.mongo)
    singles, bulks = await _upserts(client, 1), await _upserts(client, BULK)
    await client.close()
    return [
        Figure("bare append to Kafka, acknowledged, p99", percentile(alone, 0.99) * 1_000, "ms"),
        Figure("bare appends, one client", len(alone) / SECONDS, "appends/s"),
        Figure(f"bare appends, {AT_ONCE} at once", len(together) / SECONDS, "appends/s"),
        Figure("bare upserts one by one", singles, "documents/s"),
        Figure(f"bare upserts, {BULK} in a call", bulks, "documents/s", singles, "one by one"),
    ]


async def bare_append(scene: Scene) -> float:
    """Of one client that appends one after another: ms until the acknowledgement, p99."""
    return percentile(await _appends(await _prepared(scene), 1), 0.99) * 1_000


def make_topic(address: KafkaAddress, name: str, partitions: int) -> None:
    """As the desk's are kept."""
    with KafkaAdmin(address) as admin:
        admin.create(name, partitions, 1, {"message.timestamp.type": "LogAppendTime"})


async def _prepared(scene: Scene) -> KafkaAddress:
    """With a topic nobody used."""
    address = KafkaAddress(scene.kafka, f"bare{uuid.uuid4().hex[:6]}.")
    await asyncio.to_thread(make_topic, address, "appends", 1)
    return address


async def _appends(address: KafkaAddress, at_once: int) -> list[float]:
    """Seconds each took."""
    producer = AIOKafkaProducer(**address.asyncio_client(), acks="all", enable_idempotence=True)
    await producer.start()
    took: list[float] = []

    async def one_after_another(end: float) -> None:
        while (began := time.perf_counter()) < end:
            await producer.send_and_wait(f"{address.prefix}appends", VALUE, partition=0)
            took.append(time.perf_counter() - began)

    await producer.send_and_wait(f"{address.prefix}appends", VALUE, partition=0)
    end = time.perf_counter() + SECONDS
    await asyncio.gather(*(one_after_another(end) for _ in range(at_once)))
    await producer.stop()
    return took


async def _upserts(client: "AsyncMongoClient[dict[str, object]]", together: int) -> float:
    """Documents a second."""
    into = client.get_database("bare").get_collection(f"by{together}")
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        numbers = range(done, done + together)
        await into.bulk_write(
            [UpdateOne({"_id": f"d{number}"}, {"$set": {"content": "x" * 300}}, upsert=True) for number in numbers]
        )
        done += together
    return done / (time.perf_counter() - began)
