"""What is known of where partitions end, while one of them has no leader."""

import asyncio
from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from shared.broker import BrokerUnavailable
from shared.brokers import kafka_offsets
from shared.brokers.kafka_offsets import EVERY, Ends
from shared.clock import MINUTE, SECOND

pytestmark = pytest.mark.anyio
PLACES = [TopicPartition("facts", number) for number in range(3)]
PATIENCE = 15
"""Seconds until a question that somebody does not answer is given up."""


class Cluster:
    """Says where partitions end, if all that are asked for have a leader."""

    def __init__(self) -> None:
        self.led = set(PLACES)
        self.questions = 0

    async def ends(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        self.questions += 1
        if not self.led.issuperset(places):
            await asyncio.sleep(PATIENCE)
            raise BrokerUnavailable("nobody leads")
        return dict.fromkeys(places, 7)


async def known(ends: Ends, seconds: int) -> list[int]:
    """How many seconds of so many the end of each partition was known."""
    found = [0] * len(PLACES)
    for _ in range(seconds):
        await asyncio.sleep(1)
        found = [count + (ends.of(where) is not None) for count, where in zip(found, PLACES, strict=True)]
    return found


async def test_a_partition_without_a_leader_hides_the_ends_of_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_offsets, "time", SimpleNamespace(monotonic=asyncio.get_running_loop().time))
    cluster: Any = Cluster()
    ends = Ends(cluster)
    watching = asyncio.create_task(ends.watch(lambda: PLACES))
    await asyncio.sleep(EVERY / SECOND)
    assert await known(ends, 60) == [60, 60, 60]
    cluster.led.remove(PLACES[1])
    await asyncio.sleep(2 * PATIENCE)
    assert await known(ends, 60) == [60, 0, 60]
    cluster.led.add(PLACES[1])
    await asyncio.sleep(2 * PATIENCE)
    cluster.questions = 0
    assert await known(ends, 60) == [60, 60, 60]
    assert cluster.questions <= MINUTE // EVERY + 1
    watching.cancel()
    await asyncio.wait([watching])
