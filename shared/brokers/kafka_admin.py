"""The cluster's administration: which topics there are, how they are kept, and changing that. Blocking calls.

kafka-python takes a while to import and reads its schemas then, so it is imported when the first admin is made.
"""

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from shared.broker import BrokerUnavailable
from shared.brokers.kafka_address import KafkaAddress
from shared.clock import SECOND

if TYPE_CHECKING:
    from kafka.admin import ConfigResource

Configs = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicShape:
    """A topic as the cluster has it. `id` is that of this incarnation."""

    name: str
    id: str
    partitions: int
    replicas: int


class KafkaAdmin:
    """Names of topics are ours, without the address's prefix. Every call raises BrokerUnavailable."""

    def __init__(self, address: KafkaAddress) -> None:
        from kafka.admin import KafkaAdminClient
        from kafka.net.compat import KafkaNetClient

        _knock(address)
        self._prefix = address.prefix
        made: list[Any] = []

        def make(**configs: Any) -> Any:
            made.append(KafkaNetClient(**configs))
            return made[-1]

        try:
            with _told():
                self._client = KafkaAdminClient(**address.admin_client(), kafka_client=make)
        except BaseException:
            for client in made:  # a constructor that found no server leaves its socket and its thread behind
                client.close()
                client._manager._net.stop()  # noqa: SLF001 - the thread has no other owner then
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def topics(self) -> dict[str, TopicShape]:
        """All topics that begin with our prefix."""
        with _told():
            described = self._client.describe_topics()
        return {
            shape.name: shape
            for topic in described
            if topic["name"].startswith(self._prefix) and not topic["error_code"]
            for shape in [_shape(topic, self._prefix)]
        }

    def create(self, name: str, partitions: int, replicas: int, configs: Configs) -> bool:
        """Make a topic and wait until it can be written to; False where it is there already."""
        wanted = {"num_partitions": partitions, "replication_factor": replicas, "configs": dict(configs)}
        from kafka.errors import TopicAlreadyExistsError

        try:
            with _told():
                self._client.create_topics({self._prefix + name: wanted}, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            return False
        return True

    def configs(self, name: str) -> dict[str, str]:
        """Everything configured for a topic, defaults too."""
        with _told():
            described = self._client.describe_configs([self._resource(name)], config_filter="all")
        found: dict[str, Any] = described["topic"][self._prefix + name]
        return {key: str(config["value"]) for key, config in found.items()}

    def configure(self, name: str, configs: Configs) -> None:
        """Change these and no others."""
        with _told():
            self._client.alter_configs([self._resource(name, configs)])

    def delete(self, *names: str) -> None:
        """Delete topics, with all that is in them."""
        with _told():
            self._client.delete_topics([self._prefix + name for name in names])

    def forget(self, name: str, partition: int, before: int) -> int:
        """Delete the records below an offset, as retention would; returns the first offset kept."""
        from kafka import TopicPartition

        where = TopicPartition(self._prefix + name, partition)
        with _told():
            done = self._client.delete_records({where: before})
        return int(done[where]["low_watermark"])

    def members(self, groups: Iterable[str]) -> int:
        """How many consumers these groups have now; a group nobody ever joined has none."""
        with _told():
            # a cluster where nobody has joined anything yet has no coordinator to describe groups
            there = {group["group_id"] for group in self._client.list_groups()}
            described = self._client.describe_groups([group for group in groups if group in there])
        if any(group["error"] for group in described.values()):
            raise BrokerUnavailable("Kafka's administration: a group cannot be described now")
        return sum(len(group["members"]) for group in described.values())

    def nodes(self) -> int:
        """How many nodes the cluster has now."""
        with _told():
            return len(self._client.describe_cluster()["brokers"])

    def _resource(self, name: str, configs: Configs | None = None) -> "ConfigResource":
        from kafka.admin import ConfigResource, ConfigResourceType

        return ConfigResource(ConfigResourceType.TOPIC, self._prefix + name, configs=configs and dict(configs))


@contextmanager
def _told() -> Iterator[None]:
    from kafka.errors import KafkaError, TopicAlreadyExistsError

    try:
        yield
    except TopicAlreadyExistsError:
        raise
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"Kafka's administration: {type(error).__name__}") from error


def _knock(address: KafkaAddress) -> None:
    """Raises BrokerUnavailable where no server listens: kafka-python leaves a socket behind for each vain attempt."""
    for server in address.servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            with socket.create_connection((host, int(port)), address.patience / SECOND):
                return
        except (OSError, ValueError):
            continue
    raise BrokerUnavailable("Kafka's administration: no server listens")


def _shape(topic: Mapping[str, Any], prefix: str) -> TopicShape:
    partitions = topic["partitions"]
    replicas = min((len(one["replica_nodes"]) for one in partitions), default=0)
    return TopicShape(topic["name"].removeprefix(prefix), str(topic["topic_id"]), len(partitions), replicas)
