"""A broker that dies, hangs and comes back: nothing acknowledged is lost, and who waits is told in time."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.engines import children, kafka
from deploy.engines.kafka import Cluster
from shared.broker import BrokerUnavailable, Outgoing
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from shared.clock import SECOND
from tests.contracts.ports.kafka_logs import CONFIGS
from tests.contracts.ports.test_broker import read_all
from tests.engines.kafka import need_java, quiet

pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.anyio]

CLIENTS = 8
PATIENCE = 2 * SECOND


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    need_java()
    started = kafka.start(tmp_path_factory.mktemp("kafka"), quiet, first_port=None)
    yield started
    started.stop()


@pytest.fixture
def address(cluster: Cluster, tmp_path: Path) -> KafkaAddress:
    found = KafkaAddress(cluster.address, f"{tmp_path.name[-20:]}.", patience=PATIENCE)
    with KafkaAdmin(found) as admin:
        admin.create("facts", 4, 1, CONFIGS)
    return found


@pytest.fixture
async def broker(address: KafkaAddress) -> AsyncIterator[KafkaBroker]:
    opened = KafkaBroker(address, 4)
    yield opened
    await opened.close()


class Writers:
    """Clients that repeat what failed, like workers do, and remember what was acknowledged where."""

    def __init__(self, broker: KafkaBroker) -> None:
        self._broker = broker
        self.said: dict[tuple[int, int], str] = {}
        self.failures = 0
        self._stop = asyncio.Event()
        self._tasks = [asyncio.create_task(self._write(number)) for number in range(CLIENTS)]

    async def acknowledged(self, more: int) -> None:
        """Return when so many more records are."""
        until = len(self.said) + more
        async with asyncio.timeout(60):
            while len(self.said) < until:  # noqa: ASYNC110 - the writers have no other business than to count
                await asyncio.sleep(0.01)

    async def end(self) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def _write(self, number: int) -> None:
        turn = 0
        while not self._stop.is_set():
            records = [Outgoing("facts", number % 4, b"desk", b"%d.%d.%d" % (number, turn, part)) for part in range(2)]
            try:
                places = await self._broker.append(records)
            except BrokerUnavailable:
                self.failures += 1
                await asyncio.sleep(0.1)
                continue
            for place, record in zip(places, records, strict=True):
                self.said[place.partition, place.offset] = record.value.decode()
            turn += 1


async def check_all_is_there(address: KafkaAddress, writers: Writers) -> None:
    """What was acknowledged lies where it was said to; each writer's records are in its order, repeats apart."""
    reader = KafkaBroker(address, 4)
    stored = {
        (one.partition, one.offset): one.value.decode()
        for partition in range(4)
        for one in await read_all(reader, partition)
    }
    await reader.close()
    assert writers.said.items() <= stored.items()
    for number in map(str, range(CLIENTS)):
        own = [text.split(".") for _, text in sorted(stored.items()) if text.split(".")[0] == number]
        first = list(dict.fromkeys((int(turn), int(part)) for _, turn, part in own))
        assert first == sorted(first)
        assert [int(part) for _, _, part in own] == [0, 1] * (len(own) // 2)


async def test_a_broker_killed_and_started_again_loses_nothing_acknowledged(
    cluster: Cluster, address: KafkaAddress, broker: KafkaBroker
) -> None:
    await broker.read("facts", 0, 0)
    writers = Writers(broker)
    for _ in range(2):
        await writers.acknowledged(200)
        children.kill(cluster.children[0])
        await asyncio.to_thread(cluster.start_node, 0)
        await writers.acknowledged(200)
    await writers.end()
    await check_all_is_there(address, writers)
    assert len(await read_all(broker, 0)) == (await broker.bounds("facts", 0)).next


async def test_a_broker_that_hangs_is_said_and_then_written_to_by_a_new_producer(
    cluster: Cluster, address: KafkaAddress, broker: KafkaBroker
) -> None:
    writers = Writers(broker)
    await writers.acknowledged(200)
    producer = await broker._producers.current()
    children.pause(cluster.children[0])
    try:
        async with asyncio.timeout(30):
            while not writers.failures:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
    finally:
        children.resume(cluster.children[0])
    await writers.acknowledged(200)
    assert await broker._producers.current() is not producer
    await writers.end()
    await check_all_is_there(address, writers)


async def test_a_desk_that_starts_before_its_broker_waits_for_it(cluster: Cluster, address: KafkaAddress) -> None:
    children.kill(cluster.children[0])
    broker = KafkaBroker(address, 4)
    for call in (broker.topic_id("facts"), broker.bounds("facts", 0), broker.append([Outgoing("facts", 0, b"", b"")])):
        with pytest.raises(BrokerUnavailable):
            await call
    await asyncio.to_thread(cluster.start_node, 0)
    (place,) = await broker.append([Outgoing("facts", 0, b"", b"first")])
    assert place.offset == 0
    assert await broker.wait("facts", 0, 0, PATIENCE)
    await broker.close()


async def test_closing_while_the_broker_is_away_ends(cluster: Cluster, address: KafkaAddress) -> None:
    broker = KafkaBroker(address, 4)
    await broker.append([Outgoing("facts", 0, b"", b"first")])
    await broker.read("facts", 0, 0)
    children.kill(cluster.children[0])
    lost = asyncio.create_task(broker.append([Outgoing("facts", 0, b"", b"second")]))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(30):
        await broker.close()
    with pytest.raises(BrokerUnavailable):
        await lost
    await asyncio.to_thread(cluster.start_node, 0)
