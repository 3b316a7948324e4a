"""Settings of a desk of its own on the session's engines."""

import uuid
from functools import partial

import pytest

from tests.engines import kafka, mongo

PARTITIONS = 4


def on_kafka(shell: str, nodes: int = 1) -> dict[str, str]:
    """For the environment of `python -m services run`. Skips or fails the asking test where there can be no engines."""
    mark = uuid.uuid4().hex[:8]
    return {
        "SANAD_ENGINE": "kafka", "SANAD_SHELL": shell,
        "SANAD_KAFKA_SERVERS": kafka.address() if nodes == 1 else kafka.cluster(nodes).address,
        "SANAD_KAFKA_PREFIX": f"{mark}.", "SANAD_KAFKA_PARTITIONS": str(PARTITIONS),
        "SANAD_MONGO_URL": mongo.address(), "SANAD_MONGO_DATABASE": f"sanad_{mark}",
    }  # fmt: skip


ENGINES = [
    pytest.param(dict[str, str], id="embedded"),
    pytest.param(partial(on_kafka, "faust"), id="kafka-faust", marks=pytest.mark.engines),
    pytest.param(partial(on_kafka, "aiokafka"), id="kafka-aiokafka", marks=pytest.mark.engines),
]
"""Each makes the environment of a desk that is to run on it: what holds for one holds for all."""
ENGINES_OF_STORIES = [
    *ENGINES[:2],
    pytest.param(partial(on_kafka, "aiokafka"), id="kafka-aiokafka", marks=[pytest.mark.engines, pytest.mark.campaign]),
]
"""The same, for what takes minutes: the second shell's turn is a campaign's."""
SHELLS_OF_LONG_TESTS = ["faust", pytest.param("aiokafka", marks=pytest.mark.campaign)]
THREE_BROKERS = [
    pytest.param(
        partial(on_kafka, shell, 3), id=f"three-brokers-{shell}", marks=[pytest.mark.engines, pytest.mark.campaign]
    )
    for shell in ("faust", "aiokafka")
]
"""Replication 3, two in sync; the story told there loses a broker now and then. Run by name: it takes minutes."""
