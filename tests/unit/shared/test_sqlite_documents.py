"""What is true of the SQLite documents beyond their port: changing declarations, and memory that never lies."""

import asyncio
from pathlib import Path

import pytest

from shared.documents import Body, Collection, Conflict, Document, DocumentsUnavailable, Drop, Put, by
from shared.sqlite import InUse, Statement, WrongFile
from shared.stores import sqlite_cache
from shared.stores.sqlite import SqliteDocuments
from shared.stores.sqlite_cache import UNKNOWN, Cache
from shared.stores.sqlite_pages import Order, clauses, joined
from shared.stores.sqlite_table import Op, Stored
from shared.stores.sqlite_writer import ROWS, in_parts

pytestmark = pytest.mark.anyio

PLAIN = Collection("tickets")


def opened(folder: Path, *collections: Collection) -> SqliteDocuments:
    return SqliteDocuments(folder / "documents.db", collections)


def put(key: str, body: Body, seq: int = 1) -> Put:
    return Put("tickets", "desk", key, seq, body)


async def test_a_field_indexed_later_finds_what_was_written_before(tmp_path: Path) -> None:
    first = opened(tmp_path, PLAIN)
    bodies: dict[str, Body] = {
        "a": {"status": "open", "urgent": True, "rank": 2**40},
        "b": {"status": "مفتوح", "urgent": False, "rank": None},
        "c": {"content": b"bytes", "rank": -1},
    }
    await first.write([put(key, body) for key, body in bodies.items()])
    await first.close()
    second = opened(tmp_path, Collection("tickets", ("status", "urgent", "rank")))
    desk = second.of("desk")
    for field in ("status", "urgent", "rank"):
        for key, body in bodies.items():
            page = await desk.page("tickets", where=by(**{field: body.get(field)}))
            assert [document.key for document in page.documents] == [key]
            assert page.documents[0].body == body
    await second.write([Put("tickets", "desk", "a", 2, {"status": "closed"}, patch=True)])
    assert await desk.count("tickets", by(status="closed", rank=2**40)) == 1
    await second.close()


async def test_a_field_no_longer_indexed_may_be_indexed_again(tmp_path: Path) -> None:
    first = opened(tmp_path, Collection("tickets", ("status", "rank"), (("status",),)))
    await first.write([put("a", {"status": "open", "rank": 1})])
    await first.close()
    second = opened(tmp_path, Collection("tickets", ("rank",)))
    with pytest.raises(ValueError, match="not indexed"):
        await second.of("desk").count("tickets", by(status="open"))
    await second.write([put("a", {"status": "closed", "rank": 1}, seq=2), put("b", {"status": "closed", "rank": 1})])
    await second.close()
    third = opened(tmp_path, Collection("tickets", ("status", "rank")))
    counts = [await third.of("desk").count("tickets", by(status=status)) for status in ("open", "closed")]
    assert counts == [0, 2]
    await third.close()


async def test_a_set_declared_unique_over_repeats_is_refused_and_nothing_changed(tmp_path: Path) -> None:
    first = opened(tmp_path, PLAIN)
    await first.write([put("a", {"name": "x"}), put("b", {"name": "x"})])
    await first.close()
    with pytest.raises(WrongFile, match="tickets holds documents that are to be unique and are not"):
        opened(tmp_path, Collection("tickets", ("name",), (("name",),)))
    again = opened(tmp_path, PLAIN)
    assert await again.of("desk").count("tickets") == 2
    await again.write([Drop("tickets", "desk", "b")])
    await again.close()
    unique = opened(tmp_path, Collection("tickets", ("name",), (("name",),)))
    with pytest.raises(Conflict):
        await unique.write([put("c", {"name": "x"})])
    await unique.close()


@pytest.mark.parametrize(
    ("collections", "reason"),
    [
        ([Collection("Tickets")], "no name"),
        ([Collection('t"; DROP TABLE x')], "no name"),
        ([Collection("t", ("a-b",))], "no name"),
        ([Collection("t", ("a",), (("a", "b"),))], "made of indexed fields"),
        ([Collection("t", ("a",), ((),))], "made of indexed fields"),
        ([Collection("t"), Collection("t")], "declared twice"),
    ],
)
def test_a_wrong_declaration_is_refused(tmp_path: Path, collections: list[Collection], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        opened(tmp_path, *collections)


async def test_a_second_process_is_refused(tmp_path: Path) -> None:
    documents = opened(tmp_path, PLAIN)
    with pytest.raises(InUse):
        opened(tmp_path, PLAIN)
    await documents.close()


async def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    documents = opened(tmp_path, PLAIN)
    connection = documents.writer.connection
    assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")] == [
        "wal",
        2,
    ]
    await documents.close()


async def test_a_call_is_all_or_nothing(tmp_path: Path) -> None:
    documents = opened(tmp_path, Collection("tickets", ("name",), (("name",),)), Collection("notes"))
    await documents.write([put("a", {"name": "x"})])
    with pytest.raises(Conflict):
        await documents.write([Put("notes", "desk", "n", 1, {}), put("b", {"name": "y"}), put("c", {"name": "x"})])
    assert await documents.of("desk").get("notes", "n") is None
    assert await documents.of("desk").get("tickets", "b") is None
    await documents.close()


async def test_what_cannot_be_bound_harms_only_its_own_call(tmp_path: Path) -> None:
    documents = opened(tmp_path, PLAIN)
    good = [documents.write([put(f"k{number}", {})]) for number in range(4)]
    bad = documents.write([put("\ud800", {})])
    results = await asyncio.gather(*good, bad, return_exceptions=True)
    assert results[:4] == [None] * 4
    assert isinstance(results[4], UnicodeEncodeError)
    assert await documents.of("desk").count("tickets") == 4
    await documents.close()


async def test_memory_does_not_outlive_a_failed_commit(tmp_path: Path) -> None:
    documents = opened(tmp_path, PLAIN)
    await documents.write([put("a", {"n": 1})])
    documents.writer.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(DocumentsUnavailable):
        await documents.write([put("a", {"n": 2}, seq=2), put("b", {"n": 2})])
    assert await documents.of("desk").get_many("tickets", ["a", "b"]) == {"a": Document("a", 1, {"n": 1})}
    documents.writer.connection.execute("PRAGMA query_only = OFF")
    await documents.write([put("a", {"n": 2}, seq=2)])
    assert await documents.of("desk").get("tickets", "a") == Document("a", 2, {"n": 2})
    await documents.close()


async def test_no_question_reads_the_whole_table(tmp_path: Path) -> None:
    documents = opened(tmp_path, Collection("tickets", ("status", "rank")))
    table, connection = documents.table("tickets"), documents.writer.connection
    orders = [Order(table, field, way) for field in (None, "rank") for way in (False, True)]
    asked: list[Statement] = [table.delete("desk", ["a", "b", "c"])]
    for order in orders:
        for parts in ([], [order.after(order.ordered.cursor(1, "a"))], [order.after(order.ordered.cursor(None, "a"))]):
            conditions, bound = joined([*clauses(table, "desk", by(status="open")), *parts])
            asked.append((f"SELECT key FROM {table.name} WHERE {conditions}{order.sql}", bound))  # noqa: S608 - as the store asks
    connection.set_trace_callback(lambda statement: asked.append((statement, [])))
    table.find(connection, "desk", ["a", "b", "c"])
    connection.set_trace_callback(None)
    for question, values in asked:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}", values)]
        assert any(step.startswith("SEARCH") for step in plan), question
        assert not any(step.startswith("SCAN") for step in plan), question
    await documents.close()


ONE = ("tickets", "desk", "a")
OLD, NEW = Stored(1, b"{}", None), Stored(2, b"{}", None)


def test_a_reader_overtaken_by_a_commit_fills_nothing() -> None:
    cache = Cache()
    version = cache.version(ONE)
    cache.update({ONE: NEW})
    cache.fill(ONE, OLD, version)
    assert cache.get(ONE) == NEW
    version = cache.version(ONE)
    cache.clear()
    cache.fill(ONE, OLD, version)
    assert cache.get(ONE) is UNKNOWN


def test_a_reader_in_time_fills_also_that_there_is_nothing() -> None:
    cache = Cache()
    cache.fill(ONE, None, cache.version(ONE))
    assert cache.get(ONE) is None
    cache.update({ONE: NEW})
    assert cache.get(ONE) == NEW


def test_the_least_used_goes_first_and_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_cache, "CACHE_BYTES", 4 * (sqlite_cache.OVERHEAD + 100))
    cache = Cache()
    ids = [("tickets", "desk", str(number)) for number in range(5)]
    stored = Stored(1, b"x" * 100, None)
    cache.update(dict.fromkeys(ids[:4], stored))
    assert cache.get(ids[0]) == stored
    cache.update({ids[4]: stored})
    assert [cache.get(one) is UNKNOWN for one in ids] == [False, True, False, False, False]


def test_what_is_large_or_bytes_stays_out_also_when_it_grew() -> None:
    cache = Cache()
    cache.update({ONE: OLD})
    cache.update({ONE: Stored(2, b"x" * sqlite_cache.ENTRY_BYTES, None)})
    assert cache.get(ONE) is UNKNOWN
    cache.update({ONE: OLD})
    cache.update({ONE: Stored(2, b"{}", b"bytes")})
    assert cache.get(ONE) is UNKNOWN


def test_whatever_is_written_at_once_takes_few_statements_and_few_kinds_of_them() -> None:
    op = Op(("tickets", "desk", "key"), None)
    parts = {count: [len(part) for part in in_parts([op] * count)] for count in range(1, ROWS + 1)}
    assert all(sum(lengths) == count for count, lengths in parts.items())
    assert max(map(len, parts.values())) <= 3
    assert len({length for lengths in parts.values() for length in lengths}) <= 24
    assert [len(part) for part in in_parts([op] * (2 * ROWS + 1))] == [ROWS, ROWS, 1]
