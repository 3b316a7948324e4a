"""Kafka's side of the suite. Every place is a cluster of its own, as far as names go: a prefix of the topics."""

import asyncio
import hashlib
from pathlib import Path

from shared.broker import Broker
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from shared.brokers.kafka_producer import MESSAGE_BYTES
from shared.clock import SECOND, Clock, Ms
from tests.contracts.ports.hand_clock import HandClock
from tests.engines import kafka

TOPICS = ("facts", "commands")
CONFIGS = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(MESSAGE_BYTES)}
TINY = {"max.message.bytes": "1000"}


class KafkaLogs:
    """The session's broker."""

    def __init__(self) -> None:
        self._addresses: dict[Broker, KafkaAddress] = {}

    def open(self, place: Path, clock: Clock, partitions: int = 4) -> Broker:
        prefix = f"{hashlib.sha256(str(place).encode()).hexdigest()[:10]}."
        address = KafkaAddress(kafka.address(), prefix, patience=10 * SECOND)
        with KafkaAdmin(address) as admin:
            for topic in TOPICS:
                admin.create(topic, partitions, 1, CONFIGS)
        broker = KafkaBroker(address, partitions)
        self._addresses[broker] = address
        return broker

    def starve(self, broker: Broker) -> None:
        with KafkaAdmin(self._addresses[broker]) as admin:
            for topic in TOPICS:
                admin.configure(topic, TINY)

    def mend(self, broker: Broker) -> None:
        with KafkaAdmin(self._addresses[broker]) as admin:
            for topic in TOPICS:
                admin.configure(topic, CONFIGS)

    async def later(self, clock: HandClock) -> None:
        await asyncio.sleep(0.005)

    async def trim(self, broker: Broker, topic: str, partition: int, before: Ms) -> int:
        """Retention works by the hour; its effect is had at once by deleting what it would delete."""
        at = (await broker.bounds(topic, partition)).first
        while (found := await broker.read(topic, partition, at, 1)) and found[0].appended_at < before:
            at += 1
        with KafkaAdmin(self._addresses[broker]) as admin:
            first = admin.forget(topic, partition, at)
        assert await broker.trim(topic, partition, before) == first
        return first
