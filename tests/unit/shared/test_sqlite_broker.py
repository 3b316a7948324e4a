"""What is true of the SQLite log beyond its port: one process, durable settings, memory that never lies."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.broker import MAX_RECORD_BYTES, Bounds, BrokerUnavailable, Outgoing, Record, RecordTooLarge
from shared.brokers import sqlite_log
from shared.brokers import tail as tails_of_logs
from shared.brokers.sqlite import SqliteBroker
from shared.brokers.sqlite_codec import Segment, decode, encode
from shared.brokers.tail import Tail, Tails
from shared.clock import SystemClock
from shared.sqlite import InUse, Statement, WrongFile, transact
from shared.stores.sqlite import SqliteDocuments
from tests.contracts.ports.hand_clock import HandClock
from tests.contracts.ports.test_broker import read_all
from tests.contracts.ports.test_durability import said_until_killed

pytestmark = pytest.mark.anyio

CLOCK = SystemClock()


def record(offset: int, value: bytes = b"v") -> Record:
    return Record("facts", 0, offset, 1, b"k", value)


async def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    broker = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    pragmas = [
        broker.log.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    ]
    assert pragmas == ["wal", 2]
    await broker.close()


async def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    broker = SqliteBroker(path, 1, CLOCK)
    with pytest.raises(InUse, match=r"log\.db is already open in process \d+"):
        SqliteBroker(path, 1, CLOCK)
    await broker.close()
    again = SqliteBroker(path, 1, CLOCK)
    await again.close()


async def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    broker = SqliteBroker(tmp_path / "new" / "log.db", 1, CLOCK)
    await broker.append([Outgoing("facts", 0, b"", b"")])
    modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "new").iterdir()}
    assert set(modes.values()) == {0}
    assert "log.db-wal" in modes
    await broker.close()


async def test_other_settings_or_another_file_are_refused_and_the_hold_let_go(tmp_path: Path) -> None:
    broker = SqliteBroker(tmp_path / "log.db", 2, CLOCK)
    await broker.close()
    with pytest.raises(WrongFile, match="has 2 partitions, the settings say 3"):
        SqliteBroker(tmp_path / "log.db", 3, CLOCK)
    with pytest.raises(WrongFile, match="kind"):
        SqliteDocuments(tmp_path / "log.db", [])
    broker = SqliteBroker(tmp_path / "log.db", 2, CLOCK)
    broker.log.connection.execute("PRAGMA user_version = 99")
    await broker.close()
    with pytest.raises(WrongFile, match="upgrade Sanad"):
        SqliteBroker(tmp_path / "log.db", 2, CLOCK)


async def test_readers_of_one_process_share_what_was_decoded(tmp_path: Path) -> None:
    broker = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    await broker.append([Outgoing("facts", 0, b"k", b"v")])
    (first,) = await broker.read("facts", 0, 0)
    first.decoded = "decoded"
    (second,) = await broker.read("facts", 0, 0)
    assert second is first
    await broker.close()


async def test_what_was_just_encoded_need_not_be_decoded(tmp_path: Path) -> None:
    broker = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    await broker.append([Outgoing("facts", 0, b"k", b"v", (), "decoded")])
    assert [record.decoded for record in await broker.read("facts", 0, 0)] == ["decoded"]
    await broker.close()
    again = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    assert [record.decoded for record in await again.read("facts", 0, 0)] == [None]
    await again.close()


async def test_what_memory_forgot_is_read_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails_of_logs, "TAIL_RECORDS", 10)
    broker = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    for number in range(100):
        await broker.append([Outgoing("facts", 0, b"k", b"%d" % number)])
    for start in range(100):
        found = await broker.read("facts", 0, start, 13)
        assert [record.value for record in found] == [b"%d" % n for n in range(start, min(start + 13, 100))]
    await broker.close()


async def test_a_commit_of_unknown_outcome_shows_up_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    await broker.append([Outgoing("facts", 0, b"k", b"0")])

    def commit_and_fail(connection: Any, statements: Sequence[Statement]) -> None:
        transact(connection, statements)
        connection.execute("SELECT nothing FROM nowhere")

    with monkeypatch.context() as broken:
        broken.setattr(sqlite_log, "transact", commit_and_fail)
        with pytest.raises(BrokerUnavailable):
            await broker.append([Outgoing("facts", 0, b"k", b"1")])
    (place,) = await broker.append([Outgoing("facts", 0, b"k", b"2")])
    assert place.offset == 2
    assert await broker.bounds("facts", 0) == Bounds(0, 3)
    assert [record.value for record in await broker.read("facts", 0, 0)] == [b"0", b"1", b"2"]
    assert [record.value for record in await broker.read("facts", 0, 2)] == [b"2"]
    await broker.close()


async def test_a_reader_that_comes_too_late_is_told(tmp_path: Path) -> None:
    broker = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    await broker.append([Outgoing("facts", 0, b"k", b"v")])
    await broker.close()
    reopened = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    await reopened.close()
    with pytest.raises(BrokerUnavailable, match="closed"):
        await reopened.read("facts", 0, 0)


RECORDS = st.builds(
    Outgoing,
    st.just("facts"),
    st.just(0),
    st.binary(max_size=5),
    st.binary(max_size=20),
    st.lists(st.tuples(st.text(max_size=4), st.binary(max_size=4)), max_size=4).map(tuple),
)


@given(st.lists(RECORDS, min_size=1, max_size=12), st.data())
def test_any_cut_of_segments_gives_the_same_records(outgoing: list[Outgoing], data: st.DataObject) -> None:
    cuts = sorted({0, *data.draw(st.lists(st.integers(1, len(outgoing)), max_size=4)), len(outgoing)})
    segments = [Segment(begin, 9, b"".join(map(encode, outgoing[begin:end]))) for begin, end in pairwise(cuts)]
    start, limit = data.draw(st.integers(0, len(outgoing))), data.draw(st.integers(1, 15))
    assert decode(segments, "facts", 0, start, limit) == [
        Record("facts", 0, start + at, 9, one.key, one.value, one.headers)
        for at, one in enumerate(outgoing[start : start + limit])
    ]


def test_key_value_and_headers_count_towards_the_limit() -> None:
    size = MAX_RECORD_BYTES - 6
    encode(Outgoing("facts", 0, b"kk", b"v" * size, (("hh", b"hh"),)))
    with pytest.raises(RecordTooLarge):
        encode(Outgoing("facts", 0, b"kk", b"v" * size, (("hh", b"hhh"),)))


def test_a_tail_stays_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails_of_logs, "TAIL_BYTES", 50_000)
    tail = Tail(0, 0)
    for offset in range(200):
        tail.extend([record(offset)], [10_000])
        assert tail.size <= 110_000
    assert tail.size == sum(size + tails_of_logs.RECORD_BYTES for size in tail.sizes)
    assert [one.offset for one in tail.read(199, 5, 1 << 30) or []] == [199]
    assert tail.read(100, 5, 1 << 30) is None


def test_all_tails_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails_of_logs, "TAILS_BYTES", 100_000)
    tails = Tails()
    for offset in range(50):
        for partition in range(10):
            tails.extend("facts", partition, [Record("facts", partition, offset, 1, b"", b"")], [1_000])
    held = [tails.of("facts", partition) for partition in range(10)]
    assert sum(tail.size for tail in held) <= 100_000
    assert all(tail.next == 50 for tail in held)


def test_a_read_from_memory_is_bounded_in_bytes_but_never_empty() -> None:
    tail = Tail(0, 0)
    tail.extend([record(offset) for offset in range(10)], [100] * 10)
    assert [one.offset for one in tail.read(2, 5, 250) or []] == [2, 3]
    assert [one.offset for one in tail.read(2, 5, 10) or []] == [2]


async def test_waiting_leaves_nothing_behind(tmp_path: Path) -> None:
    broker = SqliteBroker(tmp_path / "log.db", 1, CLOCK)
    waits = [asyncio.create_task(broker.wait("facts", 0, 0, 60_000)) for _ in range(5)]
    await asyncio.sleep(0)
    for task in waits[:3]:
        task.cancel()
    await broker.append([Outgoing("facts", 0, b"k", b"v")])
    assert await asyncio.gather(*waits[3:]) == [True, True]
    assert await asyncio.gather(*waits[:3], return_exceptions=True)
    assert not broker._tails.of("facts", 0).waiting
    await broker.close()


async def test_a_clock_that_steps_back_stops_the_logs_time(tmp_path: Path) -> None:
    clock = HandClock()
    broker = SqliteBroker(tmp_path / "log.db", 2, clock)
    times = []
    for at in (5_000, 4_000, 4_500, 6_000):
        clock.at = at
        (place,) = await broker.append([Outgoing("facts", 0, b"desk", b"tick")])
        times.append(place.appended_at)
    assert times == [5_000, 5_000, 5_000, 6_000]
    clock.at = 1
    (other,) = await broker.append([Outgoing("facts", 1, b"desk", b"tick")])
    assert other.appended_at == 1
    await broker.close()


async def test_a_call_cut_short_by_a_kill_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    said_until_killed("append", "sqlite", tmp_path, lines=300)
    broker = SqliteBroker(tmp_path / "log.db", 4, CLOCK)
    stored = [one.value.decode() for partition in range(4) for one in await read_all(broker, partition)]
    await broker.close()
    calls = {text.rsplit(".", 1)[0] for text in stored}
    assert sorted(stored) == sorted(f"{call}.{part}" for call in calls for part in range(3))
