"""What is true of the Kafka log beyond its port: other writers, wrong topics, holes, memory."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from shared.broker import Outgoing, Record, WrongLog
from shared.brokers import kafka_follower
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress, KafkaSecurity
from shared.brokers.kafka_admin import KafkaAdmin
from shared.brokers.tail import TAIL_RECORDS
from shared.clock import SECOND
from tests.contracts.ports.kafka_logs import CONFIGS
from tests.engines import kafka
from tests.engines.foreign import write_in_a_transaction

pytestmark = [pytest.mark.engines, pytest.mark.anyio]

PATIENCE = 10 * SECOND


def outgoing(text: str, partition: int = 0) -> Outgoing:
    return Outgoing("facts", partition, b"desk", text.encode())


def texts(records: list[Record]) -> list[str]:
    return [record.value.decode() for record in records]


@pytest.fixture
def address() -> KafkaAddress:
    return KafkaAddress(kafka.address(), f"{uuid.uuid4().hex[:8]}.", patience=PATIENCE)


def make(address: KafkaAddress, partitions: int = 4, **configs: str) -> None:
    with KafkaAdmin(address) as admin:
        admin.create("facts", partitions, 1, {**CONFIGS, **{key.replace("_", "."): configs[key] for key in configs}})


@pytest.fixture
async def broker(address: KafkaAddress) -> AsyncIterator[KafkaBroker]:
    make(address)
    opened = KafkaBroker(address, 4)
    yield opened
    await opened.close()


@pytest.fixture
async def other(address: KafkaAddress, broker: KafkaBroker) -> AsyncIterator[KafkaBroker]:
    opened = KafkaBroker(address, 4)
    yield opened
    await opened.close()


async def test_what_another_process_writes_wakes_who_waits(broker: KafkaBroker, other: KafkaBroker) -> None:
    for number in range(3):
        waiting = asyncio.create_task(broker.wait("facts", 0, number, PATIENCE))
        await asyncio.sleep(0)
        await other.append([outgoing(str(number))])
        assert await waiting
    assert texts(await broker.read("facts", 0, 0)) == ["0", "1", "2"]


async def test_an_own_record_is_read_at_once_although_others_write_too(broker: KafkaBroker, other: KafkaBroker) -> None:
    await broker.read("facts", 0, 0)
    for number in range(20):
        await other.append([outgoing(f"other {number}")])
        (place,) = await broker.append([outgoing(f"own {number}")])
        assert texts(await broker.read("facts", 0, place.offset, 1)) == [f"own {number}"]
    assert len(await broker.read("facts", 0, 0)) == 40


async def test_two_writers_places_are_never_mixed_up(broker: KafkaBroker, other: KafkaBroker) -> None:
    async def write(writer: KafkaBroker, name: str) -> dict[int, str]:
        said = {}
        for turn in range(30):
            (place,) = await writer.append([outgoing(f"{name}.{turn}")])
            said[place.offset] = f"{name}.{turn}"
        return said

    parts = await asyncio.gather(write(broker, "a"), write(other, "b"), write(broker, "c"))
    said = {offset: text for part in parts for offset, text in part.items()}
    assert said == {one.offset: one.value.decode() for one in await other.read("facts", 0, 0)}
    assert len(said) == 90


async def test_readers_of_one_process_share_what_was_decoded(broker: KafkaBroker) -> None:
    await broker.read("facts", 0, 0)
    await broker.append([outgoing("one")])
    (first,), (second,) = await broker.read("facts", 0, 0), await broker.read("facts", 0, 0)
    assert first is second


async def test_what_memory_forgot_is_read_from_the_cluster(broker: KafkaBroker) -> None:
    count = 3 * TAIL_RECORDS
    await broker.read("facts", 0, 0)
    await broker.append([outgoing(str(number)) for number in range(count)])
    readers = [0, 1_000, 2_345]
    for start in readers:
        at, found = start, []
        while records := await broker.read("facts", 0, at, 333):
            found += texts(records)
            at += len(records)
        assert found == [str(number) for number in range(start, count)]


async def test_records_a_shell_was_given_are_there_without_a_fetch(broker: KafkaBroker) -> None:
    await broker.read("facts", 0, 0)
    given = [Record("facts", 0, offset, 1, b"desk", b"given %d" % offset) for offset in range(3)]
    broker.take(given[:2])
    broker.take(given)
    assert await broker.read("facts", 0, 0) == given
    broker.take([Record("facts", 0, 9, 1, b"desk", b"too far")])
    assert [record.offset for record in await broker.read("facts", 0, 0)] == [0, 1, 2]


async def test_a_partition_left_is_found_again(broker: KafkaBroker, other: KafkaBroker) -> None:
    await broker.append([outgoing("one")])
    assert await broker.wait("facts", 0, 0, PATIENCE)
    broker.leave("facts", 0)
    await other.append([outgoing("two")])
    assert texts(await broker.read("facts", 0, 0)) == ["one", "two"]


async def test_a_topic_that_is_missing_is_named_with_the_verb_that_makes_it(
    address: KafkaAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.brokers.kafka_topics.LOOKS", 1)
    broker = KafkaBroker(address, 4)
    with pytest.raises(WrongLog, match=rf"{address.prefix}facts is not there.*services topics"):
        await broker.append([outgoing("one")])
    await broker.close()


async def test_a_topic_with_other_partitions_is_refused(address: KafkaAddress) -> None:
    make(address, partitions=3)
    broker = KafkaBroker(address, 4)
    with pytest.raises(WrongLog, match="has 3 partitions, the settings say 4"):
        await broker.read("facts", 0, 0)
    await broker.close()


async def test_a_topic_that_keeps_the_writers_time_is_refused(address: KafkaAddress) -> None:
    make(address, message_timestamp_type="CreateTime")
    broker = KafkaBroker(address, 4)
    with pytest.raises(WrongLog, match="does not keep the log's own time"):
        await broker.append([outgoing("one")])
    with pytest.raises(WrongLog, match="does not keep the log's own time"):
        await broker.read("facts", 0, 0)
    await broker.close()


async def test_a_hole_in_the_middle_is_an_alarm(address: KafkaAddress, broker: KafkaBroker) -> None:
    await write_in_a_transaction(address, "facts", 0, b"one", b"two")
    with pytest.raises(WrongLog, match=r"has a hole at 1"):
        await broker.read("facts", 0, 0)


async def test_a_hole_at_the_end_is_an_alarm_for_everyone(address: KafkaAddress, broker: KafkaBroker) -> None:
    await broker.read("facts", 0, 0)
    await write_in_a_transaction(address, "facts", 0, b"one", b"two")
    with pytest.raises(WrongLog, match=r"has a hole at 1"):
        await wait_for_ever(broker, 2)
    with pytest.raises(WrongLog):
        await broker.append([outgoing("never")])


async def test_a_topic_created_anew_is_noticed_by_its_end(address: KafkaAddress, broker: KafkaBroker) -> None:
    await broker.read("facts", 0, 0)
    identity = await broker.topic_id("facts")
    await broker.append([outgoing(str(number)) for number in range(5)])
    with KafkaAdmin(address) as admin:
        admin.delete("facts")
    await until_gone(address)
    make(address)
    with pytest.raises(WrongLog, match=r"ended at 5 and now ends at 0"):
        await wait_for_ever(broker, 5)
    again = KafkaBroker(address, 4)
    assert await again.topic_id("facts") != identity
    await again.close()


async def test_a_topic_created_anew_and_grown_as_long_is_noticed_too(
    address: KafkaAddress, broker: KafkaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_follower, "WATCH", 50)
    await broker.read("facts", 0, 0)
    with KafkaAdmin(address) as admin:
        admin.delete("facts")
    await until_gone(address)
    make(address)
    with pytest.raises(WrongLog, match="deleted or created anew while it was in use"):
        await wait_for_ever(broker, 0)


async def wait_for_ever(broker: KafkaBroker, offset: int) -> None:
    while not await broker.wait("facts", 0, offset, 100):
        assert await broker.read("facts", 0, offset) == []


async def until_gone(address: KafkaAddress) -> None:
    with KafkaAdmin(address) as admin:
        for _ in range(200):
            if "facts" not in admin.topics():
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the topic is still there")


def test_a_password_is_not_shown() -> None:
    security = KafkaSecurity(user="sanad", password="open sesame")
    assert "sesame" not in repr(KafkaAddress("127.0.0.1:1", security=security))
    assert security.protocol == "SASL_SSL"
