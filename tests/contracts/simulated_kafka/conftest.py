"""Kafka's adapter, as it is, over a cluster in memory: what a real one shows it in minutes, this one does in seconds."""

from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition

from shared.broker import Broker
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.clock import Ms
from tests.contracts.ports.hand_clock import HandClock
from tests.contracts.ports.kafka_logs import CONFIGS, TOPICS
from tests.simulated_kafka.admin import Admin
from tests.simulated_kafka.cluster import Cluster
from tests.simulated_kafka.patching import patch

ADDRESS = KafkaAddress("127.0.0.1:1", "p.", patience=1_000)


class SimulatedLogs:
    """What the suite asks of an engine, beyond the port."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def later(self, clock: HandClock) -> None:
        clock.at += 1_000

    async def trim(self, broker: Broker, topic: str, partition: int, before: Ms) -> int:
        where = TopicPartition(ADDRESS.prefix + topic, partition)
        log = self._cluster.partition(where)
        self._cluster.forget(where, next((one.offset for one in log.records if one.timestamp >= before), log.next))
        return await broker.trim(topic, partition, before)


@pytest.fixture
async def cluster(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    found = Cluster(clock.now)
    patch(monkeypatch, found)
    for topic in TOPICS:
        Admin(found, ADDRESS).create(topic, 4, 1, CONFIGS)
    return found


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def logs(cluster: Cluster) -> SimulatedLogs:
    return SimulatedLogs(cluster)


@pytest.fixture
async def broker(cluster: Cluster) -> AsyncIterator[Broker]:
    opened = KafkaBroker(ADDRESS, 4)
    yield opened
    await opened.close()
