"""Kafka's adapter and both shells over a cluster in memory, in a time that jumps: patience costs nothing here."""

from typing import Any

import pytest

from tests.simulated_kafka.cluster import Cluster
from tests.simulated_kafka.patching import patch
from tests.simulated_kafka.time import JumpingLoop


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": JumpingLoop}


@pytest.fixture
async def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """Every client of the test talks to it."""
    made = Cluster()
    patch(monkeypatch, made)
    return made
