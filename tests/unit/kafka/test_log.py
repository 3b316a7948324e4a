"""What is true of the Kafka log beyond its port: unsure answers, wrong topics, holes, and what others write."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import chain, repeat
from random import Random

import pytest
from aiokafka import TopicPartition

from shared.broker import BrokerUnavailable, Outgoing, Record, WrongLog
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_follower import WATCH
from shared.brokers.kafka_reader import CURSORS
from shared.brokers.kafka_topics import LOOKS
from shared.clock import MINUTE, SECOND, SystemClock
from tests.contracts.ports.kafka_logs import CONFIGS
from tests.simulated_kafka.admin import Admin
from tests.simulated_kafka.cluster import Cluster

pytestmark = pytest.mark.anyio

ADDRESS = KafkaAddress("127.0.0.1:1", "p.", patience=3 * SECOND)
LARGE = 700_000
"""Two of these make no batch together."""


def outgoing(text: str, partition: int = 0, size: int = 0) -> Outgoing:
    return Outgoing("facts", partition, b"desk", text.encode().ljust(size, b"."))


def texts(records: list[Record]) -> list[str]:
    return [record.value.decode().rstrip(".") for record in records]


def place(partition: int = 0) -> TopicPartition:
    return TopicPartition("p.facts", partition)


def make(cluster: Cluster, partitions: int = 4, time: str = "LogAppendTime") -> None:
    Admin(cluster, ADDRESS).create("facts", partitions, 1, {**CONFIGS, "message.timestamp.type": time})


def stored(cluster: Cluster, partition: int = 0) -> list[str]:
    return [one.value.decode().rstrip(".") for one in cluster.partition(place(partition)).records]


@pytest.fixture
async def broker(cluster: Cluster) -> AsyncIterator[KafkaBroker]:
    make(cluster)
    opened = KafkaBroker(ADDRESS, 4)
    yield opened
    await opened.close()


@pytest.fixture
async def other(broker: KafkaBroker) -> AsyncIterator[KafkaBroker]:
    opened = KafkaBroker(ADDRESS, 4)
    yield opened
    await opened.close()


async def test_times_far_ahead_are_not_read_but_by_who_was_told_to(cluster: Cluster, broker: KafkaBroker) -> None:
    await broker.append([outgoing("one")])
    log = cluster.partition(place())
    log.latest = SystemClock().now() + 14 * MINUTE
    await broker.append([outgoing("a quarter of an hour is nothing")])
    assert len(await broker.read("facts", 0, 0)) == 2
    log.latest += 2 * MINUTE
    await broker.append([outgoing("tomorrow")])
    for start in (0, 2):
        with pytest.raises(WrongLog, match=r"facts/0 was given times up to 1[56] minutes from now, at 2"):
            await broker.read("facts", 0, start)
    willing = KafkaBroker(replace(ADDRESS, most_ahead=0), 4)
    assert len(await willing.read("facts", 0, 0)) == 3
    await willing.close()


async def test_a_time_far_ahead_is_not_read_either_once_the_clock_was_set_right(
    cluster: Cluster, broker: KafkaBroker
) -> None:
    log = cluster.partition(place())
    right = SystemClock().now()
    for at, name in ((right, "one"), (right + 16 * MINUTE, "tomorrow"), (right, "the clock is set right")):
        log.latest = at
        await broker.append([outgoing(name)])
    with pytest.raises(WrongLog, match=r"facts/0 was given times up to 1[56] minutes from now, at 1"):
        await broker.read("facts", 0, 0)
    assert len(await broker.read("facts", 0, 2)) == 1


@pytest.mark.parametrize("outcome", ["refused", "lost"])
async def test_after_a_failed_append_the_next_one_works_with_a_new_producer(
    cluster: Cluster, broker: KafkaBroker, outcome: str
) -> None:
    cluster.outcomes[place()] = [outcome]
    with pytest.raises(BrokerUnavailable):
        await broker.append([outgoing("one")])
    await broker.append([outgoing("one")])
    assert stored(cluster) == ["one"] * (2 if outcome == "lost" else 1)


async def test_an_answer_lost_on_the_way_doubles_nothing(cluster: Cluster, broker: KafkaBroker) -> None:
    cluster.outcomes[place()] = ["repeated"]
    await broker.append([outgoing("one"), outgoing("two")])
    assert stored(cluster) == ["one", "two"]


async def test_what_was_acknowledged_survives_its_leader(cluster: Cluster, broker: KafkaBroker) -> None:
    await broker.append([outgoing("one")])
    cluster.fail_over()
    assert stored(cluster) == ["one"]


async def test_a_call_is_acknowledged_when_all_its_partitions_are(cluster: Cluster, broker: KafkaBroker) -> None:
    for partition in (0, 3):
        cluster.outcomes[place(partition)] = ["refused"]
        with pytest.raises(BrokerUnavailable):
            await broker.append([outgoing(str(number), number) for number in range(4)])
    assert [len(stored(cluster, partition)) for partition in range(4)] == [1, 2, 2, 1]


async def test_the_rest_of_a_call_never_overtakes_what_was_lost_before_it(
    cluster: Cluster, broker: KafkaBroker
) -> None:
    cluster.outcomes[place()] = ["refused"]
    records = [outgoing(str(number), size=LARGE) for number in range(3)]
    behind = asyncio.ensure_future(broker.append(records))
    await asyncio.sleep(0)
    with pytest.raises(BrokerUnavailable):
        await behind
    await broker.append([outgoing("later")])
    assert stored(cluster) == ["later"]


async def test_one_batch_is_under_way_at_a_time(cluster: Cluster, broker: KafkaBroker) -> None:
    cluster.outcomes[place()] = ["", "refused"]
    calls = [broker.append([outgoing(str(number), size=LARGE)]) for number in range(4)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(outcome, BrokerUnavailable) for outcome in outcomes] == [False, True, False, False]
    assert stored(cluster) == ["0", "2", "3"]


async def test_a_silent_cluster_is_said_and_used_again_when_it_is_back(cluster: Cluster, broker: KafkaBroker) -> None:
    await broker.append([outgoing("one")])
    cluster.up = False
    with pytest.raises(BrokerUnavailable):
        await broker.append([outgoing("two")])
    cluster.up = True
    assert [place.offset for place in await broker.append([outgoing("two")])] == [1]


async def test_an_own_record_is_read_at_once_although_others_write_too(
    cluster: Cluster, broker: KafkaBroker, other: KafkaBroker
) -> None:
    await broker.read("facts", 0, 0)
    cluster.chance = Random(1)
    for number in range(20):
        await other.append([outgoing(f"other {number}")])
        (own,) = await broker.append([outgoing(f"own {number}")])
        assert texts(await broker.read("facts", 0, own.offset, 1)) == [f"own {number}"]
    assert len(await broker.read("facts", 0, 0)) == 40


async def test_more_readers_than_the_log_has_cursors_for_read_on_where_each_of_them_stood(
    cluster: Cluster, broker: KafkaBroker
) -> None:
    cluster.append(place(), [(b"", b"%d" % number, ()) for number in range(100)])
    for at in range(0, 60, 10):
        for reader in range(CURSORS + 3):
            found = await broker.read("facts", 0, at + reader, 10)
            assert texts(found) == [str(number) for number in range(at + reader, at + reader + 10)]


async def test_what_another_process_writes_wakes_who_waits(broker: KafkaBroker, other: KafkaBroker) -> None:
    loop = asyncio.get_running_loop()
    for number in range(3):
        waiting = asyncio.create_task(broker.wait("facts", 0, number, MINUTE))
        await asyncio.sleep(1)
        began = loop.time()
        await other.append([outgoing(str(number))])
        assert await waiting
        assert loop.time() - began < 1  # of the time that jumps
    assert texts(await broker.read("facts", 0, 0)) == ["0", "1", "2"]


async def test_a_hole_in_the_middle_is_an_alarm(cluster: Cluster, broker: KafkaBroker) -> None:
    cluster.append(place(), [(b"", b"one", ())])
    cluster.skip(place())
    cluster.append(place(), [(b"", b"two", ())])
    with pytest.raises(WrongLog, match="has a hole at 1"):
        await broker.read("facts", 0, 0)


@pytest.mark.parametrize("after", [1, 3])
async def test_a_hole_at_the_end_is_an_alarm_for_everyone_also_for_who_waits(
    cluster: Cluster, broker: KafkaBroker, after: int
) -> None:
    await broker.read("facts", 0, 0)
    waiting = asyncio.create_task(broker.wait("facts", 0, after, 10 * MINUTE))
    cluster.skip(place())
    cluster.append(place(), [(b"", b"beyond", ())] * after)
    began = asyncio.get_running_loop().time()
    assert not await waiting
    assert asyncio.get_running_loop().time() - began < 60  # of ten minutes
    for call in (broker.read("facts", 0, 0), broker.append([outgoing("never")])):
        with pytest.raises(WrongLog, match="has a hole at 0"):
            await call


async def test_a_topic_created_anew_is_noticed_by_its_end(cluster: Cluster, broker: KafkaBroker) -> None:
    await broker.append([outgoing("one"), outgoing("two")])
    await broker.read("facts", 0, 0)
    cluster.cut(place(), 0)
    assert not await broker.wait("facts", 0, 2, 10 * MINUTE)
    with pytest.raises(WrongLog, match="ended at 2 and now ends at 0"):
        await broker.read("facts", 0, 2)


async def test_a_topic_created_anew_and_grown_as_long_is_noticed_too(cluster: Cluster, broker: KafkaBroker) -> None:
    await broker.read("facts", 0, 0)
    identity = await broker.topic_id("facts")
    Admin(cluster, ADDRESS).delete("facts")
    make(cluster)
    assert not await broker.wait("facts", 0, 0, 2 * WATCH)
    with pytest.raises(WrongLog, match="deleted or created anew while it was in use"):
        await broker.append([outgoing("one")])
    again = KafkaBroker(ADDRESS, 4)
    assert await again.topic_id("facts") != identity
    await again.close()


@pytest.mark.parametrize("looks", [2, LOOKS])
async def test_a_node_that_does_not_know_a_topic_yet_is_asked_again(
    broker: KafkaBroker, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    await broker.read("facts", 0, 0)
    answers = chain(repeat({}, looks), repeat(Admin(cluster, ADDRESS).topics()))
    monkeypatch.setattr(Admin, "topics", lambda _admin: next(answers))
    assert not await broker.wait("facts", 0, 0, 2 * WATCH)
    if looks < LOOKS:
        await broker.append([outgoing("one")])
        assert stored(cluster) == ["one"]
    else:
        with pytest.raises(WrongLog, match="deleted or created anew while it was in use"):
            await broker.append([outgoing("one")])


async def test_who_falls_behind_retention_is_told_and_goes_on_behind_it(cluster: Cluster, broker: KafkaBroker) -> None:
    await broker.read("facts", 0, 0)
    cluster.append(place(), [(b"", b"old", ())] * 5)
    cluster.forget(place(), 5)
    cluster.append(place(), [(b"", b"new", ())])
    assert await broker.wait("facts", 0, 5, MINUTE)
    assert texts(await broker.read("facts", 0, 5)) == ["new"]


@pytest.mark.parametrize("partitions", [3, 5])
async def test_a_topic_with_other_partitions_is_refused(cluster: Cluster, partitions: int) -> None:
    make(cluster, partitions)
    broker = KafkaBroker(ADDRESS, 4)
    with pytest.raises(WrongLog, match=f"has {partitions} partitions, the settings say 4"):
        await broker.read("facts", 0, 0)
    await broker.close()


async def test_a_topic_that_is_missing_is_named_with_the_verb_that_makes_it(cluster: Cluster) -> None:
    broker = KafkaBroker(ADDRESS, 4)
    with pytest.raises(WrongLog, match=r"p\.facts is not there.*services topics"):
        await broker.append([outgoing("one")])
    await broker.close()


async def test_a_topic_that_keeps_the_writers_time_is_not_written_to(cluster: Cluster) -> None:
    make(cluster, time="CreateTime")
    broker = KafkaBroker(ADDRESS, 4)
    with pytest.raises(WrongLog, match="does not keep the log's own time"):
        await broker.append([outgoing("one")])
    await broker.close()


async def test_a_topic_that_keeps_the_writers_time_is_not_read(cluster: Cluster) -> None:
    make(cluster, time="CreateTime")
    cluster.append(place(), [(b"", b"one", ())])
    broker = KafkaBroker(ADDRESS, 4)
    with pytest.raises(WrongLog, match="does not keep the log's own time"):
        await broker.read("facts", 0, 0)
    await broker.close()


async def test_what_a_shell_brings_is_not_fetched_a_second_time(cluster: Cluster, broker: KafkaBroker) -> None:
    broker.feed("facts", 0)
    assert await broker.read("facts", 0, 0) == []
    cluster.append(place(), [(b"", b"one", ())])
    assert not await broker.wait("facts", 0, 0, MINUTE)
    broker.take([Record("facts", 0, 0, 1, b"", b"one")])
    assert texts(await broker.read("facts", 0, 0)) == ["one"]
    assert cluster.fetched == 0


async def test_what_a_shell_leaves_out_is_fetched(cluster: Cluster, broker: KafkaBroker) -> None:
    broker.feed("facts", 0)
    assert await broker.read("facts", 0, 0) == []
    cluster.append(place(), [(b"", b"%d" % number, ()) for number in range(5)])
    broker.take([Record("facts", 0, offset, 1, b"", b"%d" % offset) for offset in (3, 4)])
    assert await broker.wait("facts", 0, 0, MINUTE)
    assert texts(await broker.read("facts", 0, 0)) == ["0", "1", "2", "3", "4"]


async def test_a_partition_left_is_found_again_with_what_came_meanwhile(
    broker: KafkaBroker, other: KafkaBroker
) -> None:
    await broker.append([outgoing("one")])
    assert await broker.wait("facts", 0, 0, MINUTE)
    broker.leave("facts", 0)
    await other.append([outgoing("two")])
    assert texts(await broker.read("facts", 0, 0)) == ["one", "two"]


async def test_a_log_that_is_closed_while_it_begins_to_follow_is_closed(broker: KafkaBroker) -> None:
    for turns in range(6):
        opened = KafkaBroker(ADDRESS, 4)
        assert await opened.read("facts", 0, 0) == []
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            await opened.close()
