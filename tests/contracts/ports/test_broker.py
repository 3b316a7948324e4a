"""The log port: order, offsets, atomicity, limits, waiting."""

import asyncio

import pytest

from shared.broker import MAX_RECORD_BYTES, Bounds, Broker, OffsetOutOfRange, Outgoing, Record, RecordTooLarge
from tests.contracts.ports.adapters import Logs
from tests.contracts.ports.hand_clock import HandClock

pytestmark = pytest.mark.anyio

PATIENCE = 20_000


def outgoing(text: str, partition: int = 0, topic: str = "facts") -> Outgoing:
    return Outgoing(topic, partition, b"desk", text.encode(), (("ce_id", text.encode()), ("ce_type", b"\x00\xff")))


async def read_all(broker: Broker, partition: int = 0, topic: str = "facts", limit: int = 500) -> list[Record]:
    records: list[Record] = []
    bounds = await broker.bounds(topic, partition)
    at = bounds.first
    while found := await broker.read(topic, partition, at, limit):
        records += found
        at = found[-1].offset + 1
    return records


def texts(records: list[Record]) -> list[str]:
    return [record.value.decode() for record in records]


async def test_what_was_appended_is_read_back_whole(broker: Broker) -> None:
    (place,) = await broker.append([outgoing("one", partition=2)])
    (record,) = await broker.read("facts", 2, 0)
    assert (record.topic, record.partition, record.offset) == ("facts", 2, 0)
    assert (record.key, record.value) == (b"desk", b"one")
    assert record.headers == (("ce_id", b"one"), ("ce_type", b"\x00\xff"))
    assert (place.topic, place.partition, place.offset, place.appended_at) == ("facts", 2, 0, record.appended_at)


async def test_a_record_may_be_empty_and_without_headers(broker: Broker) -> None:
    await broker.append([Outgoing("facts", 0, b"", b"")])
    (record,) = await broker.read("facts", 0, 0)
    assert (record.key, record.value, record.headers) == (b"", b"", ())


async def test_offsets_are_dense_per_partition(broker: Broker) -> None:
    places = await broker.append([outgoing("a", 0), outgoing("b", 1), outgoing("c", 0), outgoing("d", 1, "commands")])
    assert [(place.topic, place.partition, place.offset) for place in places] == [
        ("facts", 0, 0),
        ("facts", 1, 0),
        ("facts", 0, 1),
        ("commands", 1, 0),
    ]
    assert await broker.bounds("facts", 0) == Bounds(0, 2)


async def test_concurrent_callers_each_keep_their_order_and_their_records_together(broker: Broker) -> None:
    async def client(number: int) -> None:
        for turn in range(20):
            await broker.append([outgoing(f"{number}.{turn}.{part}") for part in range(3)])

    await asyncio.gather(*(client(number) for number in range(16)))
    found = texts(await read_all(broker, limit=7))
    assert len(found) == 16 * 20 * 3
    calls = [found[begin : begin + 3] for begin in range(0, len(found), 3)]
    assert all([text.rsplit(".", 1)[0] for text in call] == [call[0].rsplit(".", 1)[0]] * 3 for call in calls)
    for number in range(16):
        own = [text for text in found if text.startswith(f"{number}.")]
        assert own == [f"{number}.{turn}.{part}" for turn in range(20) for part in range(3)]


async def test_places_say_where_each_record_of_a_busy_log_lies(broker: Broker) -> None:
    async def client(number: int) -> list[tuple[int, str]]:
        places = [await broker.append([outgoing(f"{number}.{turn}")]) for turn in range(10)]
        return [(place.offset, f"{number}.{turn}") for turn, (place,) in enumerate(places)]

    said = {offset: text for part in await asyncio.gather(*map(client, range(8))) for offset, text in part}
    assert said == {record.offset: record.value.decode() for record in await read_all(broker)}


async def test_a_caller_who_goes_away_disturbs_nobody(broker: Broker) -> None:
    leaving = asyncio.create_task(broker.append([outgoing("left behind")]))
    staying = asyncio.create_task(broker.append([outgoing("stayed")]))
    await asyncio.sleep(0)
    leaving.cancel()
    (place,) = await staying
    assert (await broker.read("facts", 0, place.offset))[0].value == b"stayed"


async def test_a_record_that_is_too_large_takes_its_whole_call_with_it(broker: Broker) -> None:
    large = Outgoing("facts", 0, b"k" * 10, b"v" * (MAX_RECORD_BYTES - 10), (("h", b""),))
    with pytest.raises(RecordTooLarge):
        await broker.append([outgoing("before"), large])
    assert await broker.bounds("facts", 0) == Bounds(0, 0)


async def test_the_largest_record_fits(broker: Broker) -> None:
    await broker.append([Outgoing("facts", 0, b"k" * 10, b"v" * (MAX_RECORD_BYTES - 10))])
    assert len((await broker.read("facts", 0, 0))[0].value) == MAX_RECORD_BYTES - 10


async def test_many_large_records_come_in_pieces_but_all_of_them(broker: Broker) -> None:
    await broker.append([Outgoing("facts", 0, b"", bytes([number]) * 900_000) for number in range(24)])
    first = await broker.read("facts", 0, 0)
    assert 0 < len(first) < 24
    assert [record.value[0] for record in await read_all(broker)] == list(range(24))


async def test_reading_at_the_end_gives_nothing(broker: Broker) -> None:
    assert await broker.read("facts", 0, 0) == []
    await broker.append([outgoing("one")])
    assert await broker.read("facts", 0, 1) == []
    assert await broker.read("facts", 1, 0) == []


async def test_the_end_of_what_is_read_is_known_without_asking(broker: Broker) -> None:
    await broker.append([outgoing("one")])
    await broker.read("facts", 0, 0)
    assert broker.end("facts", 0) == 1
    await broker.append([outgoing("two")])
    assert broker.end("facts", 0) == 2


async def test_a_read_stops_at_its_limit(broker: Broker) -> None:
    await broker.append([outgoing(str(number)) for number in range(10)])
    assert texts(await broker.read("facts", 0, 3, limit=4)) == ["3", "4", "5", "6"]


async def test_a_partition_that_is_not_there_is_refused(broker: Broker) -> None:
    with pytest.raises(ValueError, match="partition 4 of 4"):
        await broker.append([outgoing("one", partition=4)])
    with pytest.raises(ValueError, match="partition -1 of 4"):
        await broker.read("facts", -1, 0)


async def test_appending_nothing_is_nothing(broker: Broker) -> None:
    assert await broker.append([]) == []


async def test_time_never_steps_back_within_a_partition(broker: Broker, clock: HandClock) -> None:
    times = []
    for at in (5_000, 4_000, 4_500, 6_000):
        clock.at = at
        (place,) = await broker.append([outgoing("tick")])
        times.append(place.appended_at)
    assert times == sorted(times)
    assert times == [record.appended_at for record in await read_all(broker)]


async def test_who_waits_wakes_when_the_record_is_there(broker: Broker) -> None:
    await broker.append([outgoing("first")])
    waiting = asyncio.create_task(broker.wait("facts", 0, 1, PATIENCE))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await broker.append([outgoing("second")])
    assert await waiting
    assert texts(await broker.read("facts", 0, 1)) == ["second"]


async def test_who_waits_for_what_is_there_does_not_wait(broker: Broker) -> None:
    await broker.append([outgoing("first")])
    assert await broker.wait("facts", 0, 0, PATIENCE)


async def test_a_wait_ends_in_vain_after_its_time(broker: Broker) -> None:
    assert not await broker.wait("facts", 0, 0, 1)


async def test_records_elsewhere_wake_nobody(broker: Broker) -> None:
    waiting = asyncio.create_task(broker.wait("facts", 0, 0, 100))
    await asyncio.sleep(0)
    await broker.append([outgoing("other", partition=1), outgoing("other", topic="commands")])
    assert not await waiting


async def test_a_topic_keeps_its_id(broker: Broker) -> None:
    ids = [await broker.topic_id("facts"), await broker.topic_id("commands"), await broker.topic_id("facts")]
    assert ids[0] == ids[2] != ids[1]


async def test_trimmed_records_are_gone_loudly(broker: Broker, logs: Logs, clock: HandClock) -> None:
    places = []
    for turn in range(3):
        await logs.later(clock)
        places += await broker.append([outgoing(f"{turn}.{part}") for part in range(2)])
    assert await logs.trim(broker, "facts", 0, before=places[4].appended_at) == 4
    assert await broker.bounds("facts", 0) == Bounds(4, 6)
    assert texts(await broker.read("facts", 0, 4)) == ["2.0", "2.1"]
    for gone in (0, 3):
        with pytest.raises(OffsetOutOfRange):
            await broker.read("facts", 0, gone)


async def test_trimming_everything_keeps_offsets_and_time_going_on(
    broker: Broker, logs: Logs, clock: HandClock
) -> None:
    clock.at = 9_000
    (old,) = await broker.append([outgoing("old")])
    assert await logs.trim(broker, "facts", 0, before=old.appended_at + 1) == 1
    clock.at = 8_000
    (place,) = await broker.append([outgoing("new")])
    assert place.offset == 1
    assert place.appended_at >= old.appended_at


async def test_trimming_takes_nothing_young(broker: Broker, logs: Logs) -> None:
    (place,) = await broker.append([outgoing("young")])
    assert await logs.trim(broker, "facts", 0, before=place.appended_at) == 0
    assert texts(await broker.read("facts", 0, 0)) == ["young"]
