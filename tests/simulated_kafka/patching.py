"""Puts the simulated clients where the product makes those of the libraries."""

from functools import partial

import pytest

from tests.simulated_kafka.admin import Admin
from tests.simulated_kafka.cluster import Cluster
from tests.simulated_kafka.consumer import Consumer
from tests.simulated_kafka.faust_app import App
from tests.simulated_kafka.producer import Producer

CONSUMERS = ("shared.brokers.kafka_reader.AIOKafkaConsumer", "shared.shells.aiokafka_shell.AIOKafkaConsumer")


def patch(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> None:
    """Until the test ends every client talks to this cluster."""
    for consumer in CONSUMERS:
        monkeypatch.setattr(consumer, partial(Consumer, cluster))
    monkeypatch.setattr("shared.brokers.kafka_producer.AIOKafkaProducer", partial(Producer, cluster))
    monkeypatch.setattr("shared.brokers.kafka_topics.KafkaAdmin", partial(Admin, cluster))
    monkeypatch.setattr("shared.shells.faust_shell.new_app", partial(App, cluster))
