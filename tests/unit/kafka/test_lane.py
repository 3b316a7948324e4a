"""How long records wait for others that go to the same partition before them."""

import asyncio

import pytest

from shared.broker import BrokerUnavailable, Outgoing
from shared.brokers.kafka import KafkaBroker
from shared.clock import SECOND
from tests.contracts.ports.kafka_logs import CONFIGS
from tests.simulated_kafka.admin import Admin
from tests.simulated_kafka.cluster import Cluster
from tests.simulated_kafka.service import ADDRESS

pytestmark = pytest.mark.anyio
PATIENCE = ADDRESS.patience / SECOND


def outgoing(text: str) -> Outgoing:
    return Outgoing("facts", 0, b"desk", text.encode())


async def test_what_waited_too_long_for_others_is_never_sent_and_who_asked_is_told(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    Admin(cluster, ADDRESS).create("facts", 1, 1, CONFIGS)
    broker = KafkaBroker(ADDRESS, 1)
    await broker.append([outgoing("before")])
    answer = cluster.answer

    async def slow() -> None:
        await asyncio.sleep(PATIENCE / 2 + 0.1)
        await answer()

    monkeypatch.setattr(cluster, "answer", slow)
    calls = []
    for text in ("under way", "too long ago", "too long ago as well"):
        calls.append(asyncio.create_task(broker.append([outgoing(text)])))
        await asyncio.sleep(0.01)
    await asyncio.sleep(PATIENCE / 2)
    calls.append(asyncio.create_task(broker.append([outgoing("just now")])))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(outcome, BrokerUnavailable) for outcome in outcomes] == [False, True, True, False]
    monkeypatch.setattr(cluster, "answer", answer)
    found = await broker.read("facts", 0, 0)
    assert [record.value.decode() for record in found] == ["before", "under way", "just now"]
    await broker.close()
