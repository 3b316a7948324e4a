"""Where each desk lies, as the log itself keeps it: a compacted topic, so that documents of another installation are noticed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker import Outgoing, WrongLog
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_faults import ended, told
from shared.brokers.kafka_reader import started

TOPIC = "sanad.desks"
PARTITION = 0
"""All of them lie in one: whoever starts reads all."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One desk's place, and what state it was in when this was written."""

    organisation: str
    partition: int
    state: str


Places = Mapping[str, Kept]


async def read_places(address: KafkaAddress) -> dict[str, Kept]:
    """The last word on each desk. Raises BrokerUnavailable, WrongLog."""
    where = TopicPartition(address.prefix + TOPIC, PARTITION)
    found: dict[str, Kept] = {}
    with told("Kafka gives nothing now"):
        consumer = await started(address)
        try:
            consumer.assign([where])
            await consumer.seek_to_beginning(where)
            for record in await _all(consumer, where):
                if record.value is not None:  # what compaction forgets is no error, and leaves holes
                    found[(record.key or b"").decode()] = _kept(record.value)
        finally:
            await ended(consumer.stop())
    return found


async def _all(consumer: AIOKafkaConsumer, where: TopicPartition) -> list[Any]:
    end = (await consumer.end_offsets([where]))[where]
    records: list[Any] = []
    while await consumer.position(where) < end:
        for batch in (await consumer.getmany(timeout_ms=1_000)).values():
            records += batch
    return records


def _kept(value: bytes) -> Kept:
    try:
        body = json.loads(value)
        return Kept(str(body["organisation"]), int(body["partition"]), str(body["state"]))
    except (ValueError, KeyError, TypeError) as fault:
        raise WrongLog(f"topic {TOPIC} holds a record nobody here wrote ({type(fault).__name__})") from None


def record_of(desk: str, kept: Kept) -> Outgoing:
    """As it is appended."""
    body = {"organisation": kept.organisation, "partition": kept.partition, "state": kept.state}
    return Outgoing(TOPIC, PARTITION, desk.encode(), json.dumps(body).encode())


def unrecorded(log: Places, documents: Places) -> dict[str, Kept]:
    """What the log is to be told. Raises WrongLog where both know a desk and mean another place, or where the documents
    lack one."""
    for desk, kept in log.items():
        here = documents.get(desk)
        if here is None:
            raise WrongLog(
                f"topic {TOPIC} knows desk {desk} in partition {kept.partition}, the documents do not: is this the database"
                " of this log (SANAD_MONGO_DATABASE, SANAD_KAFKA_PREFIX)? If it lost its documents, restore them"
            )
        if (here.organisation, here.partition) != (kept.organisation, kept.partition):
            raise WrongLog(
                f"desk {desk} lies in partition {kept.partition} as topic {TOPIC} says, in {here.partition} as the documents"
                " say: they belong to different installations (SANAD_MONGO_DATABASE, SANAD_KAFKA_PREFIX)"
            )
    return {desk: kept for desk, kept in documents.items() if log.get(desk) != kept}
