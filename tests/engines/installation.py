"""Settings of a desk of its own on the session's engines."""

import uuid

from tests.engines import kafka, mongo

PARTITIONS = 4


def on_kafka(shell: str) -> dict[str, str]:
    """For the environment of `python -m services run`. Skips or fails the asking test where there can be no engines."""
    mark = uuid.uuid4().hex[:8]
    return {
        "SANAD_ENGINE": "kafka", "SANAD_SHELL": shell,
        "SANAD_KAFKA_SERVERS": kafka.address(), "SANAD_KAFKA_PREFIX": f"{mark}.",
        "SANAD_KAFKA_PARTITIONS": str(PARTITIONS),
        "SANAD_MONGO_URL": mongo.address(), "SANAD_MONGO_DATABASE": f"sanad_{mark}",
    }  # fmt: skip
