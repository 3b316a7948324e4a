"""What Faust brings before workers take it: so many records of a partition, and so many bytes of all."""

import asyncio
from collections.abc import Collection, Iterable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_lane import LOG_APPEND_TIME
from shared.brokers.tail import RECORD_BYTES
from shared.catalogue.topics import COMMANDS, DESK
from shared.shell import Where
from shared.shells import faust_shell
from shared.shells.faust_shell import Membership
from shared.shells.kafka_group import AHEAD_BYTES, KafkaGroup
from tests.simulated_kafka.service import ADDRESS

pytestmark = pytest.mark.anyio
SMALL, LARGE, AHEAD = 100, 100_000, 50
ONE, OTHER = (COMMANDS.name, 0), (DESK.name, 0)


class Consumer:
    """Of Faust's, whose buffers are full as it was told."""

    def __init__(self) -> None:
        self.full: set[Where] = set()

    def on_buffer_full(self, where: Any) -> None:
        self.full.add((where.topic.removeprefix(ADDRESS.prefix), where.partition))

    def on_buffer_drop(self, where: Any) -> None:
        self.full.discard((where.topic.removeprefix(ADDRESS.prefix), where.partition))


class House:
    """The member, with its workers; the broker, whose tails take everything."""

    topics = frozenset({COMMANDS.name, DESK.name})

    def __init__(self) -> None:
        self.past: dict[Where, int] = {}

    def position(self, topic: str, partition: int) -> int:
        return self.past.get((topic, partition), 0)

    async def assigned(self, places: Collection[Where]) -> None: ...
    async def revoked(self, places: Collection[Where]) -> None: ...
    def feed(self, topic: str, partition: int) -> None: ...
    def take(self, records: Collection[Any]) -> None: ...
    def check(self) -> None: ...


class Faust:
    """A member to which Faust gives records."""

    def __init__(self) -> None:
        self.house, self.consumer, self.acknowledged = House(), Consumer(), 0
        app = cast("Any", SimpleNamespace(consumer=self.consumer, crashed=False))
        self.membership = Membership(KafkaGroup(ADDRESS, "toy"), cast("KafkaBroker", self.house), self.house, app)

    def bring(self, where: Where, offsets: Iterable[int], size: int) -> None:
        self.membership.took([self._event(where, offset, size) for offset in offsets])

    def _event(self, where: Where, offset: int, size: int) -> Any:
        message = SimpleNamespace(
            topic=ADDRESS.prefix + where[0], partition=where[1], offset=offset, timestamp=1.0,
            timestamp_type=LOG_APPEND_TIME, key=b"", value=b"v" * size, headers=(),
        )  # fmt: skip
        return SimpleNamespace(message=message, ack=self._ack)

    def _ack(self) -> None:
        self.acknowledged += 1

    async def look(self) -> None:
        """As it looks now and then what workers are past."""
        starting = asyncio.create_task(asyncio.sleep(60))
        lasting = asyncio.create_task(self.membership.last(starting))
        await asyncio.sleep(0.1)
        for task in (lasting, starting):
            task.cancel()


@pytest.fixture
async def faust(monkeypatch: pytest.MonkeyPatch) -> Faust:
    monkeypatch.setattr(faust_shell, "AHEAD", AHEAD)
    made = Faust()
    places = [TopicPartition(ADDRESS.prefix + topic, 0) for topic in made.house.topics]
    await made.membership.assigned(cast("Any", None), places)
    return made


async def test_nothing_is_fetched_of_a_partition_that_brought_enough_until_its_worker_is_past_it(faust: Faust) -> None:
    faust.bring(ONE, range(AHEAD - 1), SMALL)
    assert not faust.consumer.full
    faust.bring(ONE, [AHEAD - 1], SMALL)
    assert faust.consumer.full == {ONE}
    faust.house.past[ONE] = 1
    await faust.look()
    assert (faust.consumer.full, faust.acknowledged) == (set(), 1)


async def test_large_records_of_one_partition_fill_the_room_of_all(faust: Faust) -> None:
    enough = AHEAD_BYTES // (LARGE + RECORD_BYTES) + 1
    faust.bring(ONE, range(enough - 1), LARGE)
    assert not faust.consumer.full
    faust.bring(ONE, [enough - 1], LARGE)
    assert faust.consumer.full == {ONE}


async def test_partitions_that_bring_something_have_equal_shares_of_the_room(faust: Faust) -> None:
    half = AHEAD_BYTES // (LARGE + RECORD_BYTES) // 2 + 1
    faust.bring(ONE, range(half), LARGE)
    assert not faust.consumer.full
    faust.bring(OTHER, [0], LARGE)
    assert faust.consumer.full == {ONE}
    faust.house.past[OTHER] = 1
    await faust.look()
    assert not faust.consumer.full


async def test_a_buffer_that_is_empty_in_fausts_eyes_only_is_said_to_be_full_again(faust: Faust) -> None:
    faust.bring(ONE, range(AHEAD), SMALL)
    faust.consumer.full.clear()
    await faust.look()
    assert faust.consumer.full == {ONE}
