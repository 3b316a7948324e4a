"""Members whom nothing but the group itself can take out of it."""

import asyncio
from collections.abc import Collection
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import aiokafka
import pytest
from aiokafka import TopicPartition

from shared.clock import DAY, MINUTE, SECOND, Ms
from shared.shells.faust_app import new_app
from shared.shells.kafka_group import KafkaGroup
from tests.simulated_kafka.cluster import Cluster, Stored
from tests.simulated_kafka.consumer import Consumer
from tests.simulated_kafka.group import Listener
from tests.simulated_kafka.service import ADDRESS, PARTITIONS, Fleet, eventually

pytestmark = pytest.mark.anyio
UNFETCHED: Ms = 5 * MINUTE
"""The library's own."""


class Resting(Consumer):
    """As the library's: who has fetched nothing for so long loses all it has, and is no member before it fetches again."""

    def subscribe(self, topics: Collection[str], *, listener: Listener) -> None:
        super().subscribe(topics, listener=listener)
        patience = self.given.get("max_poll_interval_ms", UNFETCHED)
        self._leaving = asyncio.create_task(self._leave(patience / SECOND))

    async def getmany(self, *partitions: TopicPartition, **given: Any) -> dict[TopicPartition, list[Stored]]:
        self._leaving.cancel()
        return await super().getmany(*partitions, **given)

    async def _leave(self, patience: float) -> None:
        await asyncio.sleep(patience)
        self.group.leave(self)
        assert self.listener is not None
        await self.listener.on_partitions_revoked(self.assignment())
        self.settle({}, self.generation)


@pytest.mark.slow
async def test_who_could_load_nothing_for_long_works_as_soon_as_the_store_is_back(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.shells.aiokafka_shell.AIOKafkaConsumer", partial(Resting, cluster))
    fleet = Fleet(cluster, Random(1), ["aiokafka"])
    fleet.store.up = False
    only = await fleet.join()
    await asyncio.sleep(UNFETCHED / SECOND + 60)
    fleet.store.up = True
    assert await eventually(lambda: only.partitions() == set(range(PARTITIONS)))
    await fleet.end()


class Asked(Exception):
    """With what a consumer was to be made."""

    def __init__(self, **given: Any) -> None:
        self.given = given


async def test_faust_has_its_consumer_fetch_nothing_for_as_long_as_it_likes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(**given: Any) -> None:
        raise Asked(**given)

    app: Any = new_app(KafkaGroup(ADDRESS, "toy"), tmp_path)
    monkeypatch.setattr(aiokafka, "AIOKafkaConsumer", asked)
    thread = app.consumer._thread
    with closing(thread.thread_loop), pytest.raises(Asked) as made:
        thread._create_worker_consumer(app.transport)
    assert made.value.given["max_poll_interval_ms"] >= 20 * DAY
