"""The topics as they should be on Kafka, how those there differ, and making them so. Facts are never forgotten."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.brokers.kafka_admin import Configs, TopicShape
from shared.brokers.kafka_places import TOPIC
from shared.brokers.kafka_producer import MESSAGE_BYTES
from shared.catalogue.topics import TOPICS
from shared.clock import HOUR, Ms

DESKS = TOPIC
"""Desk → organisation, partition, state; only the last of each counts."""
USUAL_REPLICAS = 3
ROLLED: Ms = 6 * HOUR
"""Kafka forgets whole segments that are closed: what has a time to go is gone at most so much later."""
ALWAYS = {
    "message.timestamp.type": "LogAppendTime",  # the desk's time is the log's
    "max.message.bytes": str(MESSAGE_BYTES),
    "unclean.leader.election.enable": "false",  # what was acknowledged is not for sale
    "retention.bytes": "-1",
}


class Admin(Protocol):
    """What is asked of a cluster."""

    def topics(self) -> dict[str, TopicShape]: ...
    def configs(self, name: str) -> dict[str, str]: ...
    def nodes(self) -> int: ...
    def create(self, name: str, partitions: int, replicas: int, configs: Configs) -> bool: ...
    def configure(self, name: str, configs: Configs) -> None: ...


@dataclass(frozen=True, slots=True)
class Difference:
    """How one topic differs from what it should be. `refused` is what this verb does not change, as a sentence."""

    topic: str
    partitions: int
    replicas: int
    missing: bool = False
    configs: Configs = field(default_factory=dict)
    was: Configs = field(default_factory=dict)
    refused: str = ""

    def lines(self) -> Iterator[str]:
        """As a diff."""
        if self.missing:
            yield f"+ {self.topic}: {_count(self.partitions, 'partition')}, {_count(self.replicas, 'replica')}"
        elif self.refused:
            yield f"! {self.topic}: {self.refused}"
        for key, value in sorted(self.configs.items()):
            yield f"{'+' if self.missing else '~'} {self.topic}: {key} {self._change(key, value)}"

    def _change(self, key: str, value: str) -> str:
        return value if self.missing else f"{self.was.get(key, '(none)')} → {value}"


def configs_of(topic: str, replicas: int) -> dict[str, str]:
    """How a topic with so many copies should be kept."""
    wanted = {**ALWAYS, "min.insync.replicas": str(max(1, replicas - 1))}
    if topic == DESKS:
        return {**wanted, "cleanup.policy": "compact", "retention.ms": "-1"}
    kept = TOPICS[topic].kept
    if kept is None:
        return {**wanted, "cleanup.policy": "delete", "retention.ms": "-1"}
    return {**wanted, "cleanup.policy": "delete", "retention.ms": str(kept), "segment.ms": str(ROLLED)}


def compare(admin: Admin, partitions: int, replicas: int | None) -> list[Difference]:
    """What is to be done, in the order of the topics; empty when all is well."""
    there = admin.topics()
    differences = []
    for name in (*TOPICS, DESKS):
        shape = there.get(name)
        if shape is None:
            copies = replicas or min(USUAL_REPLICAS, admin.nodes())
            differences.append(Difference(name, partitions, copies, missing=True, configs=configs_of(name, copies)))
            continue
        found = admin.configs(name)
        wanted = configs_of(name, shape.replicas)
        changed = {key: value for key, value in wanted.items() if found.get(key) != value}
        refused = _refusal(shape, partitions, replicas)
        if changed or refused:
            differences.append(Difference(name, shape.partitions, shape.replicas, False, changed, found, refused))
    return differences


def apply(admin: Admin, differences: Sequence[Difference]) -> None:
    """Make missing topics and mend the others; what is refused must not be among them."""
    for one in differences:
        if one.missing:
            admin.create(one.topic, one.partitions, one.replicas, one.configs)
        else:
            admin.configure(one.topic, one.configs)


def _refusal(shape: TopicShape, partitions: int, replicas: int | None) -> str:
    if shape.partitions != partitions:
        return (
            f"has {_count(shape.partitions, 'partition')}, the settings say {partitions}: fixed at install, because"
            " a desk would no longer be found; move desks to a new installation instead"
        )
    if replicas is not None and shape.replicas != replicas:
        return f"has {_count(shape.replicas, 'replica')}, the settings say {replicas}: move them by Kafka's own tools"
    return ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
