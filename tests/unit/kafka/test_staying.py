"""Members who stay at work although they fetch nothing for long, or the group does not answer."""

import asyncio
from collections.abc import Collection
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import aiokafka
import pytest
from aiokafka import TopicPartition

from shared.catalogue.codec import encode
from shared.catalogue.topics import COMMANDS
from shared.clock import DAY, MINUTE, SECOND, Ms
from shared.shell import Where
from shared.shells.faust_app import new_app
from shared.shells.faust_shell import Membership
from shared.shells.kafka_group import HINT, Hint, KafkaGroup
from tests.simulated_kafka.cluster import Cluster, Stored
from tests.simulated_kafka.commands import message
from tests.simulated_kafka.consumer import Consumer
from tests.simulated_kafka.group import Listener
from tests.simulated_kafka.service import ADDRESS, PARTITIONS, SHELLS, Fleet, eventually

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


async def silent(*_: object) -> None:
    """Nobody answers."""
    await asyncio.Event().wait()


@pytest.mark.slow
@pytest.mark.parametrize("shell", sorted(SHELLS))
async def test_a_group_that_answers_no_commit_holds_up_neither_work_nor_who_stops(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    monkeypatch.setattr(Consumer, "commit", silent)
    fleet = Fleet(cluster, Random(1), [shell])
    only = await fleet.join()
    assert await eventually(lambda: only.partitions() == set(range(PARTITIONS)))
    for number in range(1, 4):
        one = encode(message(f"m{number}", "desk"), COMMANDS.name, 0)
        cluster.append(TopicPartition(ADDRESS.prefix + COMMANDS.name, 0), [(one.key, one.value, one.headers)])
        assert await eventually(lambda number=number: only.position(0) == number, 5)  # type: ignore[misc]  # bound at once
        await asyncio.sleep(3)
    async with asyncio.timeout(10):
        await fleet.end()
    assert only.fault is None


async def test_faust_gives_back_what_it_is_asked_for_although_no_commit_is_answered() -> None:
    given_back: list[Any] = []

    async def revoked(places: Collection[Where]) -> None:
        given_back.extend(places)

    house: Any = SimpleNamespace(revoked=revoked, leave=lambda *_: None)
    app: Any = SimpleNamespace(consumer=SimpleNamespace(commit=silent))
    membership = Membership(KafkaGroup(ADDRESS, "toy"), house, house, app)
    async with asyncio.timeout(10):
        await membership.revoked(app, [TopicPartition(ADDRESS.prefix + COMMANDS.name, 0)])
    assert given_back == [(COMMANDS.name, 0)]


async def test_a_commit_that_nobody_answers_is_neither_waited_for_nor_asked_again() -> None:
    hint, asked, answered = Hint(), [], asyncio.Event()

    async def commit() -> None:
        asked.append(1)
        await answered.wait()
        raise OSError("the line dropped")

    async with asyncio.timeout(2 * HINT.total_seconds()):
        assert not await hint.give(commit)
        assert not await hint.give(commit)
    assert len(asked) == 1
    answered.set()
    await asyncio.sleep(0)
    with pytest.raises(OSError, match="dropped"):
        await hint.give(commit)
    assert len(asked) == 2
