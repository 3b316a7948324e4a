"""The documents port: guards, patches, conditions on writing, uniqueness, isolation."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents import (
    MAX_DOCUMENT_BYTES,
    Body,
    Conflict,
    Document,
    Documents,
    DocumentTooLarge,
    Drop,
    Put,
    Write,
    by,
    merged,
)
from tests.contracts.ports.adapters import SHARED_STORE

pytestmark = pytest.mark.anyio


def put(key: str, seq: int, body: Body, *, patch: bool = False, collection: str = "tickets") -> Put:
    return Put(collection, "desk", key, seq, body, patch=patch)


async def body_of(documents: Documents, key: str, collection: str = "tickets") -> Body | None:
    found = await documents.of("desk").get(collection, key)
    return found.body if found else None


async def test_a_document_is_read_back_as_it_was_written(documents: Documents) -> None:
    body: Body = {"status": "open", "text": "سند 🌿", "nested": {"list": [1, 2.5, None, True, "x"]}, "rank": -(2**63)}
    await documents.write([put("a", 3, body)])
    assert await documents.of("desk").get("tickets", "a") == Document("a", 3, body)


async def test_who_changes_what_was_read_changes_nothing_stored(documents: Documents) -> None:
    await documents.write([put("a", 1, {"tags": ["x"]})])
    for _ in range(2):
        found = await body_of(documents, "a")
        assert found == {"tags": ["x"]}
        found["tags"].append("y")


async def test_a_missing_document_is_none_also_before_and_after_it_existed(documents: Documents) -> None:
    assert await body_of(documents, "a") is None
    await documents.write([put("a", 1, {})])
    assert await body_of(documents, "a") == {}
    await documents.write([Drop("tickets", "desk", "a")])
    assert await body_of(documents, "a") is None
    await documents.write([Drop("tickets", "desk", "a")])


async def test_get_many_gives_those_that_exist(documents: Documents) -> None:
    await documents.write([put(str(number), 1, {"rank": number}) for number in range(300)])
    found = await documents.of("desk").get_many("tickets", [*map(str, range(290, 310)), "295"])
    assert {key: document.body["rank"] for key, document in found.items()} == {str(n): n for n in range(290, 300)}


@pytest.mark.parametrize("patch", [False, True])
async def test_an_older_or_equal_seq_changes_nothing(documents: Documents, patch: bool) -> None:
    await documents.write([put("a", 5, {"status": "new"})])
    for seq in (5, 4):
        await documents.write([put("a", seq, {"status": "stale"}, patch=patch)])
    assert await documents.of("desk").get("tickets", "a") == Document("a", 5, {"status": "new"})
    await documents.write([put("a", 6, {"status": "later"}, patch=patch)])
    assert await documents.of("desk").get("tickets", "a") == Document("a", 6, {"status": "later"})


async def test_a_patch_keeps_the_fields_it_does_not_name(documents: Documents) -> None:
    await documents.write([put("a", 1, {"status": "open", "rank": 7, "tags": ["x"]})])
    await documents.write([put("a", 2, {"status": "pending", "tags": []}, patch=True)])
    assert await body_of(documents, "a") == {"status": "pending", "rank": 7, "tags": []}
    page = await documents.of("desk").page("tickets", where=by(status="pending", rank=7))
    assert [document.key for document in page.documents] == ["a"]


async def test_a_patch_of_nothing_creates(documents: Documents) -> None:
    await documents.write([put("a", 1, {"status": "open"}, patch=True)])
    assert await body_of(documents, "a") == {"status": "open"}


async def test_a_stale_put_in_one_call_does_not_spoil_the_patch_after_it(documents: Documents) -> None:
    await documents.write([put("a", 10, {"status": "open", "rank": 1})])
    await documents.write([put("a", 5, {"status": "stale"}), put("a", 11, {"rank": 2}, patch=True)])
    assert await documents.of("desk").get("tickets", "a") == Document("a", 11, {"status": "open", "rank": 2})


async def test_a_dropped_document_may_begin_anew_at_any_seq(documents: Documents) -> None:
    await documents.write([put("a", 9, {"rank": 9}), Drop("tickets", "desk", "a"), put("a", 1, {"rank": 1})])
    assert await documents.of("desk").get("tickets", "a") == Document("a", 1, {"rank": 1})
    await documents.write([Drop("tickets", "desk", "a"), put("a", 1, {"rank": 2})])
    assert await documents.of("desk").get("tickets", "a") == Document("a", 1, {"rank": 2})


@pytest.mark.parametrize("patch", [False, True])
async def test_what_was_looked_at_is_put_right_and_nothing_newer(documents: Documents, patch: bool) -> None:
    await documents.write([put("a", 5, {"status": "wrong"}), put("b", 5, {"status": "wrong"})])
    await documents.write([put("b", 6, {"status": "newer"})])
    for _ in range(2):
        await documents.write(
            [Put("tickets", "desk", key, 4, {"status": "right"}, patch=patch, over=5) for key in ("a", "b", "c")]
        )
    assert await documents.of("desk").get("tickets", "a") == Document("a", 4, {"status": "right"})
    assert await documents.of("desk").get("tickets", "b") == Document("b", 6, {"status": "newer"})
    assert await body_of(documents, "c") is None
    await documents.write([Drop("tickets", "desk", "a", over=5), Drop("tickets", "desk", "b", over=6)])
    assert [await body_of(documents, key) for key in ("a", "b")] == [{"status": "right"}, None]
    await documents.write([put("a", 5, {"status": "later"})])
    assert await body_of(documents, "a") == {"status": "later"}


async def test_desks_do_not_see_each_other(documents: Documents) -> None:
    await documents.write([Put("tickets", desk, "a", 1, {"status": desk}) for desk in ("one", "two", "")])
    for desk in ("one", "two", ""):
        assert await documents.of(desk).get("tickets", "a") == Document("a", 1, {"status": desk})
        page = await documents.of(desk).page("tickets")
        assert [document.body["status"] for document in page.documents] == [desk]
    await documents.clear("tickets", "one")
    assert [await documents.of(desk).count("tickets") for desk in ("one", "two", "")] == [0, 1, 1]
    assert await documents.of("one").get("tickets", "a") is None
    await documents.clear("tickets")
    assert [await documents.of(desk).count("tickets") for desk in ("one", "two", "")] == [0, 0, 0]


async def test_bytes_are_kept_beside_the_rest(documents: Documents) -> None:
    content = bytes(range(256)) * 40
    await documents.write([put("a", 1, {"content": content, "name": "x"}, collection="notes")])
    assert await body_of(documents, "a", "notes") == {"content": content, "name": "x"}
    await documents.write([put("a", 2, {"name": "y"}, patch=True, collection="notes")])
    assert await body_of(documents, "a", "notes") == {"content": content, "name": "y"}
    await documents.write([put("a", 3, {"content": "text"}, patch=True, collection="notes")])
    assert await body_of(documents, "a", "notes") == {"content": "text", "name": "y"}
    await documents.write([put("a", 4, {"content": b""}, patch=True, collection="notes")])
    assert await body_of(documents, "a", "notes") == {"content": b"", "name": "y"}


async def test_compare_and_set_lets_one_of_many_win(documents: Documents) -> None:
    desk = documents.of("desk")
    assert await desk.replace("notes", "a", {"holder": None}, None) == 1
    tries = [desk.replace("notes", "a", {"holder": number}, 1) for number in range(20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    winners = [number for number, result in enumerate(results) if result == 2]
    assert len(winners) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 19
    assert await desk.get("notes", "a") == Document("a", 2, {"holder": winners[0]})


async def test_compare_and_set_needs_what_it_expects(documents: Documents) -> None:
    desk = documents.of("desk")
    with pytest.raises(Conflict):
        await desk.replace("notes", "a", {}, 1)
    await desk.replace("notes", "a", {"n": 1}, None)
    with pytest.raises(Conflict):
        await desk.replace("notes", "a", {"n": 2}, None)
    assert await body_of(documents, "a", "notes") == {"n": 1}


def account(key: str, seq: int, realm: str | None, name: str, desk: str = "desk") -> Put:
    return Put("accounts", desk, key, seq, {"realm": realm, "name": name})


async def test_a_taken_unique_set_is_refused_and_its_neighbours_are_not(documents: Documents) -> None:
    await documents.write([account("a", 1, "staff", "huda")])
    good = [documents.write([account(f"b{number}", 1, "staff", f"n{number}")]) for number in range(5)]
    bad = documents.write([account("c", 1, "staff", "huda")])
    results = await asyncio.gather(*good, bad, return_exceptions=True)
    assert results[:5] == [None] * 5
    assert isinstance(results[5], Conflict)
    assert await body_of(documents, "c", "accounts") is None
    assert await documents.of("desk").count("accounts") == 6


async def test_a_unique_set_is_as_a_whole_within_a_desk_and_without_nulls(documents: Documents) -> None:
    await documents.write([account("a", 1, "staff", "huda"), account("b", 1, "guests", "huda")])
    await documents.write([account("a", 1, "staff", "huda", desk="other")])
    await documents.write([account("c", 1, None, "huda"), account("d", 1, None, "huda")])
    assert await documents.of("desk").count("accounts") == 4


async def test_a_unique_set_is_free_again_for_the_next(documents: Documents) -> None:
    await documents.write([account("a", 1, "staff", "huda")])
    await documents.write([account("a", 2, "staff", "huda.old"), account("b", 1, "staff", "huda")])
    await documents.write([Drop("accounts", "desk", "b"), account("c", 1, "staff", "huda")])
    with pytest.raises(Conflict):
        await documents.of("desk").replace("accounts", "d", {"realm": "staff", "name": "huda"}, None)
    assert await documents.of("desk").count("accounts", by(name="huda")) == 1


@pytest.mark.parametrize("value", [1.5, ["x"], {"a": 1}, 2**63])
async def test_what_has_no_order_cannot_be_indexed(documents: Documents, value: Any) -> None:
    with pytest.raises(TypeError, match=r"tickets\.rank"):
        await documents.write([put("a", 1, {"rank": 1}), put("b", 1, {"rank": value})])
    assert await documents.of("desk").count("tickets") == 0


async def test_what_json_does_not_know_is_refused(documents: Documents) -> None:
    with pytest.raises(TypeError):
        await documents.write([put("a", 1, {"when": object()})])


async def test_a_document_that_is_too_large_is_refused(documents: Documents) -> None:
    with pytest.raises(DocumentTooLarge):
        await documents.write([put("a", 1, {"content": b"x" * MAX_DOCUMENT_BYTES}, collection="notes")])
    await documents.write([put("a", 1, {"half": "x" * (MAX_DOCUMENT_BYTES // 2)}, collection="notes")])
    with pytest.raises(DocumentTooLarge):
        await documents.write([put("a", 2, {"other": "x" * (MAX_DOCUMENT_BYTES // 2)}, patch=True, collection="notes")])
    assert set(await body_of(documents, "a", "notes") or {}) == {"half"}


async def test_a_collection_nobody_declared_is_refused(documents: Documents) -> None:
    with pytest.raises(ValueError, match="nothing"):
        await documents.write([put("a", 1, {}, collection="nothing")])
    with pytest.raises(ValueError, match="nothing"):
        await documents.of("desk").get("nothing", "a")


async def test_concurrent_writers_of_one_document_leave_the_latest(documents: Documents) -> None:
    writes = [documents.write([put("a", seq, {f"f{seq}": seq}, patch=True)]) for seq in range(1, 60)]
    await asyncio.gather(*writes)
    found = await documents.of("desk").get("tickets", "a")
    assert found is not None
    assert found.seq == 59
    assert found.body == {f"f{seq}": seq for seq in range(1, 60)}


KEYS = st.sampled_from(["a", "b", "c"])
BODIES = st.dictionaries(st.sampled_from(["status", "note"]), st.sampled_from(["x", "y", None]), max_size=2)
WRITES = st.one_of(
    st.builds(put, KEYS, st.integers(1, 6), BODIES, patch=st.booleans()),
    st.builds(Drop, st.just("tickets"), st.just("desk"), KEYS),
)


def followed(model: dict[str, Document], write: Write) -> None:
    """What the port promises of one write, on a plain mapping."""
    stored = model.get(write.key)
    if isinstance(write, Drop):
        model.pop(write.key, None)
    elif stored is None or stored.seq < write.seq:
        model[write.key] = Document(write.key, write.seq, merged(stored.body if stored else None, write))


@SHARED_STORE
@given(calls=st.lists(st.lists(WRITES, max_size=6), max_size=6), together=st.booleans())
async def test_any_writes_leave_what_the_promise_says(
    documents: Documents, calls: list[list[Write]], together: bool
) -> None:
    await documents.clear("tickets")
    model: dict[str, Document] = {}
    for write in (write for call in calls for write in call):
        followed(model, write)
    if together:
        await asyncio.gather(*(documents.write(call) for call in calls))
    else:
        for call in calls:
            await documents.write(call)
    page = await documents.of("desk").page("tickets")
    assert {document.key: document for document in page.documents} == model
    assert await documents.of("desk").get_many("tickets", ["a", "b", "c"]) == model
    for status in ("x", "y", None):
        expected = sum(document.body.get("status") == status for document in model.values())
        assert await documents.of("desk").count("tickets", by(status=status)) == expected
