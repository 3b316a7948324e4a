"""The administration, as `KafkaAdmin` gives it."""

from types import TracebackType
from typing import Self

from shared.broker import BrokerUnavailable
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import Configs, TopicShape
from tests.simulated_kafka.cluster import Cluster, Partition, Topic


class Admin:
    """Names of topics are without the address's prefix."""

    def __init__(self, cluster: Cluster, address: KafkaAddress) -> None:
        if not cluster.up:
            raise BrokerUnavailable("Kafka's administration: no server listens")
        self._cluster, self._prefix = cluster, address.prefix

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held."""

    def topics(self) -> dict[str, TopicShape]:
        return {
            name.removeprefix(self._prefix): TopicShape(
                name.removeprefix(self._prefix), topic.id, len(topic.partitions), 1
            )
            for name, topic in self._cluster.topics.items()
            if name.startswith(self._prefix)
        }

    def configs(self, name: str) -> dict[str, str]:
        return dict(self._cluster.topics[self._prefix + name].configs)

    def nodes(self) -> int:
        return 1

    def create(self, name: str, partitions: int, _replicas: int, configs: Configs) -> bool:
        if self._prefix + name in self._cluster.topics:
            return False
        self._cluster.topics[self._prefix + name] = Topic([Partition() for _ in range(partitions)], dict(configs))
        return True

    def configure(self, name: str, configs: Configs) -> None:
        self._cluster.topics[self._prefix + name].configs |= configs

    def delete(self, *names: str) -> None:
        for name in names:
            del self._cluster.topics[self._prefix + name]
