"""Every shell on a real Kafka: partitions are shared out, handed over with where their workers stood, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from deploy.engines import children
from shared.broker import Outgoing
from shared.brokers.kafka import KafkaBroker
from shared.catalogue.topics import COMMANDS
from shared.clock import SECOND
from shared.engine.health import Stalled
from shared.shells.faust_shell import FaustCrashed
from shared.worker import LogTruncated
from tests.engines import kafka
from tests.engines.members import PARTITIONS, SHELLS, Stage, eventually, staged

pytestmark = [pytest.mark.anyio, pytest.mark.engines, pytest.mark.slow]
ALL = set(range(PARTITIONS))


@pytest.fixture(params=sorted(SHELLS))
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, request.param) as opened:
        yield opened


async def test_a_process_alone_works_on_everything(stage: Stage) -> None:
    await stage.say(10)
    only = stage.join()
    await stage.until_applied()
    await stage.say(1_500)
    await stage.until_applied()
    assert only.partitions("copier") == only.partitions("follower") == ALL
    await eventually(lambda: all(only.position("follower", part) == 1_510 for part in ALL))


async def test_two_processes_share_and_equal_numbers_of_all_topics_stay_together(stage: Stage) -> None:
    first = stage.join()
    await stage.say(5)
    await stage.until_applied()
    second = stage.join()
    await eventually(lambda: len(first.partitions("copier")) == len(second.partitions("copier")) == PARTITIONS // 2)
    await stage.say(5)
    await stage.until_applied()
    assert first.partitions("copier") | second.partitions("copier") == ALL
    await eventually(
        lambda: all(process.partitions("copier") == process.partitions("follower") for process in (first, second))
    )


async def test_who_leaves_hands_over_where_it_stood_and_nothing_is_done_twice(stage: Stage) -> None:
    first, _ = stage.join(), stage.join()
    await stage.say(50)
    await stage.until_applied()
    await stage.leave(first)
    await stage.say(50)
    await stage.until_applied()
    for partition in ALL:
        facts = await stage.facts(partition)
        assert facts == {b"%d" % number: 1 for number in range(100)}


async def test_a_burst_while_members_come_and_go_loses_nothing(stage: Stage) -> None:
    stage.join()
    for _ in range(3):
        await stage.say(400)
        comes = stage.join()
        await stage.say(400)
        await stage.leave(stage.processes[0])
        await stage.say(100)
        await eventually(partial(comes.works_on, ALL))
    await stage.until_applied()
    for partition in ALL:
        assert set(await stage.facts(partition)) == {b"%d" % number for number in range(stage.said)}


async def test_shells_may_be_mixed_in_a_group(stage: Stage) -> None:
    others = [stage.join(shell) for shell in sorted(SHELLS)]
    await eventually(lambda: all(len(one.partitions("copier")) == PARTITIONS // 2 for one in others))
    await stage.say(20)
    await stage.until_applied()
    await stage.leave(others[0])
    await stage.say(20)
    await stage.until_applied()
    for partition in ALL:
        assert await stage.facts(partition) == {b"%d" % number: 1 for number in range(40)}


async def test_a_clean_leaver_is_not_waited_for(stage: Stage) -> None:
    stage.session = timedelta(minutes=3)
    first, second = stage.join(), stage.join()
    await eventually(lambda: len(first.partitions("copier")) == len(second.partitions("copier")) == PARTITIONS // 2)
    await stage.leave(first)
    await stage.say(1)
    await stage.until_applied()
    assert second.works_on(ALL)


async def test_a_shell_that_fails_ends_the_process(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no more room")

    only = stage.join()
    await stage.say(1)
    await stage.until_applied()
    monkeypatch.setattr(KafkaBroker, "take", refuse)
    await stage.say(1)
    stage.processes.remove(only)
    with pytest.raises((OSError, FaustCrashed)):
        await only.ended()


async def test_nobody_goes_on_with_a_topic_that_was_created_anew(stage: Stage) -> None:
    only = stage.join()
    await stage.say(3)
    await stage.until_applied()
    await stage.leave(only)
    await stage.begin_anew(COMMANDS.name)
    again = stage.join()
    stage.processes.remove(again)
    with pytest.raises(LogTruncated, match=r"sanad.commands was created anew .* put back what it held, or open a new"):
        await again.ended()


async def test_a_shell_that_falls_silent_ends_the_process(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.engine.health.ENOUGH", 5 * SECOND)
    only = stage.join()
    await stage.say(1)
    await stage.until_applied()
    monkeypatch.setattr(KafkaBroker, "take", lambda *_: None)
    await stage.say(1)
    stage.processes.remove(only)
    with pytest.raises(Stalled, match="copier/0"):
        await only.ended()


async def test_a_broker_that_is_away_longer_than_anybody_may_stand_still_is_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.engine.health.ENOUGH", 5 * SECOND)
    stage.join()
    await stage.say(1)
    await stage.until_applied()
    (broker,) = kafka.cluster().children
    await stage.say(1_000)
    children.pause(broker)
    await asyncio.sleep(20)
    children.resume(broker)
    await stage.until_applied()
    for partition in ALL:
        assert set(await stage.facts(partition)) == {b"%d" % number for number in range(1_001)}


async def test_what_a_shell_brings_is_not_fetched_a_second_time(stage: Stage) -> None:
    broker = KafkaBroker(stage.address, PARTITIONS)
    try:
        broker.feed(COMMANDS.name, 0)
        assert await broker.read(COMMANDS.name, 0, 0) == []
        await stage.say(3)
        assert not await broker.wait(COMMANDS.name, 0, 0, SECOND)
        broker.take(await stage.client.read(COMMANDS.name, 0, 0))
        assert [record.value for record in await broker.read(COMMANDS.name, 0, 0)] == [b"0", b"1", b"2"]
    finally:
        await broker.close()


async def test_what_a_shell_leaves_out_is_fetched(stage: Stage) -> None:
    broker = KafkaBroker(stage.address, PARTITIONS)
    try:
        broker.feed(COMMANDS.name, 0)
        assert await broker.read(COMMANDS.name, 0, 0) == []
        await stage.say(5)
        broker.take(await stage.client.read(COMMANDS.name, 0, 3))
        assert [record.offset for record in await broker.read(COMMANDS.name, 0, 0)] == [0, 1, 2, 3, 4]
        await stage.client.append([Outgoing(COMMANDS.name, 0, b"d", b"5")])
        broker.take(await stage.client.read(COMMANDS.name, 0, 5))
        await eventually(lambda: broker.held(COMMANDS.name, 0) == 6)
    finally:
        await broker.close()
