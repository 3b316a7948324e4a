"""Both shells over a group in memory: partitions change hands in any moment, nothing is lost, done twice or left lying."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiokafka import TopicPartition

from shared.broker import WrongLog
from shared.brokers.kafka import KafkaBroker
from shared.catalogue.codec import encode
from shared.catalogue.topics import COMMANDS, DESK
from shared.clock import MINUTE
from shared.service import Consumer
from shared.shell import Where
from shared.shells import faust_shell
from shared.shells.faust_shell import FaustCrashed
from shared.shells.kafka_group import KafkaGroup
from tests.simulated_kafka.cluster import Cluster
from tests.simulated_kafka.commands import message
from tests.simulated_kafka.faust_app import App
from tests.simulated_kafka.service import ADDRESS, PARTITIONS, SHELLS, TOY, Fleet, ServiceHost, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
ALL = set(range(PARTITIONS))
AHEAD = 50
SOON = 2.0
"""Seconds; who must be woken by a later record, or by an alarm, takes longer."""


class Stage(Fleet):
    """The service's processes, and somebody who speaks to them."""

    said = 0

    async def together(self, count: int) -> list[ServiceHost]:
        """So many processes that share everything."""
        for _ in range(count):
            await self.join()
        assert await eventually(lambda: self.shared_by(count))
        return self.alive

    def shared_by(self, count: int) -> bool:
        parts = [one.partitions() for one in self.alive]
        return len(parts) == count and all(parts) and sorted(part for own in parts for part in own) == sorted(ALL)

    def say(self, count: int, partitions: Collection[int] = range(PARTITIONS)) -> None:
        """Commands, as another process writes them."""
        for partition in partitions:
            records = [encode(message(f"m{self.said + number}", f"desk-{partition}"), COMMANDS.name, partition) for number in range(count)]  # fmt: skip
            place = TopicPartition(ADDRESS.prefix + COMMANDS.name, partition)
            self.cluster.append(place, [(one.key, one.value, one.headers) for one in records])
        self.said += count

    def applied(self) -> bool:
        """All that was said, and all facts that came of it, by whoever has them now."""
        return all(
            max((one.position(part, name) for one in self.alive), default=-1) == self.end_of(topic, part)
            for name, topic in (("router", COMMANDS.name), ("sla", DESK.name))
            for part in ALL
        )

    def end_of(self, topic: str, partition: int) -> int:
        return self.cluster.partition(TopicPartition(ADDRESS.prefix + topic, partition)).next

    def effects(self) -> Counter[int]:
        """How often each command was decided, by how many were so."""
        found: Counter[str] = Counter()
        for partition in self.cluster.topics[ADDRESS.prefix + DESK.name].partitions:
            for one in partition.records:
                attributes = dict(one.headers)
                if attributes["ce_type"] == b"sanad.message.received.v1":
                    found[f"{one.partition} {attributes['ce_correlationid'].decode()}"] += 1
        return Counter(found.values())


@pytest.fixture(params=sorted(SHELLS))
async def stage(request: pytest.FixtureRequest, cluster: Cluster) -> AsyncIterator[Stage]:
    made = Stage(cluster, Random(1), [request.param])
    yield made
    await made.end()


async def test_a_process_alone_works_on_everything(stage: Stage) -> None:
    stage.say(10)
    (only,) = await stage.together(1)
    stage.say(200)
    assert await eventually(stage.applied)
    assert only.partitions("sla") == ALL
    assert stage.effects() == {1: 210 * PARTITIONS}


async def test_equal_numbers_of_all_topics_stay_together(stage: Stage) -> None:
    for process in await stage.together(3):
        assert await eventually(lambda process=process: process.partitions("router") == process.partitions("sla"))  # type: ignore[misc]  # bound at once


async def test_who_leaves_hands_over_where_it_stood_and_nothing_is_done_twice(stage: Stage) -> None:
    first, _ = await stage.together(2)
    stage.say(50)
    assert await eventually(stage.applied)
    await first.stop()
    stage.say(50)
    assert await eventually(lambda: stage.shared_by(1) and stage.applied())
    assert stage.effects() == {1: 100 * PARTITIONS}


async def test_members_that_come_and_go_under_load_lose_nothing_and_do_nothing_twice(stage: Stage) -> None:
    await stage.together(1)
    stage.cluster.chance = Random(2)
    for _ in range(6):
        stage.say(30)
        await stage.join()
        await asyncio.sleep(stage.rng.random())
        stage.say(10)
        leaving = asyncio.create_task(stage.alive[0].stop())
        await asyncio.sleep(stage.rng.random())
        stage.say(3)
        await leaving
    assert await eventually(lambda: stage.shared_by(1) and stage.applied())
    assert stage.effects() == {1: 43 * 6 * PARTITIONS}


@pytest.mark.parametrize("later", [0.0, 0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.04, 0.1])
async def test_what_comes_while_partitions_change_hands_is_applied_without_another_record(
    stage: Stage, later: float
) -> None:
    first, second = await stage.together(2)
    await asyncio.sleep(1)
    await stage.join()
    await asyncio.sleep(later)
    stage.say(1)
    assert await eventually(lambda: stage.shared_by(3))
    assert await eventually(stage.applied, SOON)
    stage.say(1)
    await first.stop()
    stage.say(1)
    await asyncio.sleep(later)
    stage.say(1)
    assert await eventually(lambda: stage.shared_by(2) and stage.applied(), 2 * SOON)
    assert second.fault is None


async def test_a_partition_whose_worker_is_slow_is_brought_no_more_than_it_can_take(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (
        "shared.shells.aiokafka_shell.AHEAD",
        "shared.shells.faust_shell.AHEAD",
        "shared.shells.faust_shell.TAKE",
    ):
        monkeypatch.setattr(size, AHEAD)
    for size in ("tests.simulated_kafka.faust_app.AHEAD", "tests.simulated_kafka.faust_app.FETCH"):
        monkeypatch.setattr(size, AHEAD)
    await stage.together(1)
    stage.cluster.outcomes[TopicPartition(ADDRESS.prefix + DESK.name, 0)] = ["refused"] * 100
    stage.say(1)
    await asyncio.sleep(1)
    before = stage.cluster.fetched
    stage.cluster.chance = Random(7)
    stage.say(60 * AHEAD, [0])
    stage.say(1, [1, 2, 3])
    await asyncio.sleep(5)
    assert all(stage.alive[0].position(part) == stage.end_of(COMMANDS.name, part) for part in (1, 2, 3))
    assert stage.cluster.fetched - before <= 25 * AHEAD


async def test_what_is_committed_was_applied(stage: Stage) -> None:
    (only,) = await stage.together(1)
    group = stage.cluster.groups["p.sanad.toy"]
    slow = TopicPartition(ADDRESS.prefix + COMMANDS.name, 0)
    stage.say(5)
    assert await eventually(lambda: group.committed.get(slow) == 5)
    stage.cluster.outcomes[TopicPartition(ADDRESS.prefix + DESK.name, 0)] = ["refused"] * 1_000
    for _ in range(5):
        stage.say(10)
        await asyncio.sleep(2)
    assert (only.position(0), group.committed[slow]) == (5, 5)
    assert all(only.position(part) == 55 for part in (1, 2, 3))
    stage.cluster.outcomes.clear()
    ends = stage.cluster.partition
    assert await eventually(lambda: all(offset == ends(where).next for where, offset in group.committed.items()))
    assert len(group.committed) == 2 * PARTITIONS


async def test_a_process_that_dies_or_freezes_is_replaced_and_a_zombie_does_no_harm(stage: Stage) -> None:
    first, second, _ = await stage.together(3)
    stage.say(20)
    stage.freeze(first)
    stage.kill(second)
    stage.say(20)
    assert await eventually(lambda: stage.effects().total() == 40 * PARTITIONS, MINUTE)
    first.thaw()
    stage.say(20)
    assert await eventually(lambda: stage.shared_by(2) and stage.applied(), MINUTE)
    assert stage.effects().total() == 60 * PARTITIONS


class Refusing:
    """A member that cannot take what it is given, or give it back."""

    topics = frozenset({COMMANDS.name})

    def __init__(self, when: str) -> None:
        self._when = when

    async def assigned(self, _places: Collection[Where]) -> None:
        if self._when == "assigned":
            raise OSError("no more room")

    async def revoked(self, _places: Collection[Where]) -> None:
        if self._when == "revoked":
            raise OSError("no more room")

    def position(self, _topic: str, _partition: int) -> int | None:
        return None


class Keeping(Refusing):
    """A member that tells what it is given back, and whether it is in the group then."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__("never")
        self._cluster = cluster
        self.given_up: list[tuple[list[Where], int]] = []

    async def revoked(self, places: Collection[Where]) -> None:
        self.given_up.append((sorted(places), len(self._cluster.groups["p.sanad.toy"].members)))


async def test_who_stops_gives_everything_back_before_it_leaves_the_group(stage: Stage) -> None:
    broker, member = KafkaBroker(ADDRESS, PARTITIONS), Keeping(stage.cluster)
    (shell,) = stage._shells
    running = asyncio.create_task(SHELLS[shell](KafkaGroup(ADDRESS, "toy"), broker).run(member))
    await asyncio.sleep(1)
    running.cancel()
    await asyncio.wait([running])
    assert ([(COMMANDS.name, part) for part in range(PARTITIONS)], 1) in member.given_up
    assert not stage.cluster.groups["p.sanad.toy"].members
    await broker.close()


@pytest.mark.parametrize("when", ["assigned", "revoked"])
async def test_a_member_that_fails_while_partitions_change_hands_ends_the_shell(stage: Stage, when: str) -> None:
    broker, group = KafkaBroker(ADDRESS, PARTITIONS), KafkaGroup(ADDRESS, "toy")
    (shell,) = stage._shells
    running = asyncio.create_task(SHELLS[shell](group, broker).run(Refusing(when)))
    await asyncio.sleep(1)
    await stage.join()
    done, _ = await asyncio.wait([running], timeout=60)
    assert done
    assert isinstance(running.exception(), OSError)
    await broker.close()


@pytest.mark.parametrize("stage", ["faust"], indirect=True)
async def test_an_app_that_crashed_ends_the_process(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no more room")

    (only,) = await stage.together(1)
    monkeypatch.setattr(faust_shell.Membership, "took", refuse)
    stage.say(1)
    assert await eventually(only.running.done, SOON)
    assert isinstance(only.fault, FaustCrashed)


@pytest.mark.parametrize("stage", ["faust"], indirect=True)
async def test_an_app_that_does_not_start_ends_the_process(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_self: App) -> None:
        raise OSError("no more room")

    monkeypatch.setattr(App, "start", refuse)
    only = await stage.join()
    assert await eventually(only.running.done, SOON)
    assert isinstance(only.fault, FaustCrashed)


async def test_who_finds_no_log_to_join_asks_again_until_there_is_one(stage: Stage) -> None:
    stage.say(5)
    stage.cluster.up = False
    only = await stage.join()
    await asyncio.sleep(10)
    assert not only.running.done()
    stage.cluster.up = True
    assert await eventually(stage.applied)


@pytest.mark.parametrize("shell", sorted(SHELLS))
async def test_a_topic_that_keeps_the_writers_time_ends_the_process(cluster: Cluster, shell: str) -> None:
    stage = Stage(cluster, Random(4), [shell], [Consumer("router", COMMANDS.name, TOY[0].fold)])
    (only,) = await stage.together(1)
    cluster.topics[ADDRESS.prefix + COMMANDS.name].configs["message.timestamp.type"] = "CreateTime"
    stage.say(1)
    assert await eventually(only.running.done, SOON)
    assert "WrongLog" in repr(only.fault)
    await stage.end()


async def test_events_with_the_writers_time_are_not_taken(cluster: Cluster, tmp_path: Path) -> None:
    stage = Stage(cluster, Random(6), ["faust"])
    place = TopicPartition(ADDRESS.prefix + COMMANDS.name, 0)
    cluster.topics[place.topic].configs["message.timestamp.type"] = "CreateTime"
    stage.say(3, [0])
    broker, group = KafkaBroker(ADDRESS, PARTITIONS), KafkaGroup(ADDRESS, "toy")
    app: Any = App(cluster, group, tmp_path)
    membership = faust_shell.Membership(group, broker, Refusing("never"), app)
    await membership.assigned(app, [place])
    with pytest.raises(WrongLog):
        membership.took(app.events(place, range(3)))
    await broker.close()


async def test_an_older_run_that_comes_again_behind_a_newer_one_hides_nothing(cluster: Cluster, tmp_path: Path) -> None:
    stage = Stage(cluster, Random(5), ["faust"])
    stage.say(6, [0])
    broker, group = KafkaBroker(ADDRESS, PARTITIONS), KafkaGroup(ADDRESS, "toy")
    app: Any = App(cluster, group, tmp_path)
    membership = faust_shell.Membership(group, broker, Refusing("never"), app)
    await membership.assigned(app, [TopicPartition(ADDRESS.prefix + COMMANDS.name, 0)])
    await broker.read(COMMANDS.name, 0, 6)
    stage.say(6, [0])
    brought = app.events(TopicPartition(ADDRESS.prefix + COMMANDS.name, 0), [*range(6, 12), *range(6, 9)])
    membership.took(brought)
    found = await broker.read(COMMANDS.name, 0, 6)
    assert [record.offset for record in found] == list(range(6, 12))
    await broker.close()


@pytest.mark.parametrize("shell", sorted(SHELLS))
async def test_a_wrong_log_ends_the_process_also_where_nobody_reads_just_now(
    cluster: Cluster, shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(_broker: KafkaBroker) -> None:
        raise WrongLog("a topic was created anew")

    stage = Stage(cluster, Random(6), [shell])
    (only,) = await stage.together(1)
    monkeypatch.setattr(KafkaBroker, "_admit", lambda _broker: None)  # as where nobody asks it anything
    monkeypatch.setattr(KafkaBroker, "check", wrong)
    assert await eventually(only.running.done, SOON)
    assert isinstance(only.fault, WrongLog | FaustCrashed)
    await stage.end()
