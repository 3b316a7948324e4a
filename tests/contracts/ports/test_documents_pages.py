"""Pages: every matching document once, in order, whatever happens between two of them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents import Body, Documents, Drop, Operator, Put, Scalar, Where, by
from tests.contracts.ports.adapters import SHARED_STORE

pytestmark = pytest.mark.anyio


def stored(key: str, body: Body) -> Put:
    return Put("tickets", "desk", key, 1, body)


async def keys_of(
    documents: Documents,
    where: Sequence[Where] = (),
    order: str | None = None,
    limit: int = 50,
    *,
    descending: bool = False,
) -> list[str]:
    """All pages, one after another."""
    keys: list[str] = []
    after = None
    while True:
        page = await documents.of("desk").page(
            "tickets", where=where, order=order, descending=descending, after=after, limit=limit
        )
        assert len(page.documents) <= limit
        keys += [document.key for document in page.documents]
        if (after := page.next) is None:
            return keys


RANKS = st.one_of(st.none(), st.integers(-3, 3))
STATUSES = st.sampled_from(["new", "open", "معلق", None])
TICKETS = st.dictionaries(
    st.text("abcÀيz", min_size=1, max_size=3),
    st.fixed_dictionaries({"rank": RANKS, "status": STATUSES, "urgent": st.booleans()}),
    max_size=25,
)
CONDITIONS = st.one_of(
    st.builds(Where, st.just("rank"), st.sampled_from(["=", "<", "<=", ">", ">="]), RANKS),
    st.builds(Where, st.just("status"), st.just("="), STATUSES),
    st.builds(Where, st.just("urgent"), st.just("="), st.booleans()),
    st.builds(Where, st.just("status"), st.just("in"), st.lists(STATUSES, max_size=3).map(tuple)),
)


def holds(body: Body, condition: Where) -> bool:
    """What the port promises of a condition, on plain values."""
    value, wanted = body[condition.field], condition.value
    if condition.operator == "in":
        assert isinstance(wanted, tuple)
        return value in wanted
    if condition.operator == "=":
        return bool(value == wanted)
    if value is None or wanted is None:
        return False
    return bool(
        {"<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[condition.operator]
    )


def rank(value: Scalar, key: str) -> tuple[bool, int | str, str]:
    """Null first, then by value, then by key."""
    ordered = value if isinstance(value, str | int) else 0
    return (value is not None, ordered if value is not None else 0, key)


@SHARED_STORE
@given(
    tickets=TICKETS,
    where=st.lists(CONDITIONS, max_size=2),
    order=st.sampled_from([None, "rank", "urgent"]),
    descending=st.booleans(),
    limit=st.integers(1, 7),
)
async def test_pages_give_every_match_once_and_in_order(
    documents: Documents,
    tickets: dict[str, Body],
    where: list[Where],
    order: str | None,
    descending: bool,
    limit: int,
) -> None:
    await documents.clear("tickets")
    await documents.write([stored(key, body) for key, body in tickets.items()])
    matching = [key for key, body in tickets.items() if all(holds(body, condition) for condition in where)]
    expected = sorted(matching, key=lambda key: rank(tickets[key].get(order or ""), key), reverse=descending)
    assert await keys_of(documents, where, order, limit, descending=descending) == expected
    assert await documents.of("desk").count("tickets", where) == len(expected)


@pytest.mark.parametrize("descending", [False, True])
async def test_a_cursor_holds_its_place_while_documents_come_and_go(documents: Documents, descending: bool) -> None:
    await documents.write([stored(key, {"rank": number // 2}) for number, key in enumerate("abcdefgh")])
    desk = documents.of("desk")
    first = await desk.page("tickets", order="rank", descending=descending, limit=4)
    seen = [document.key for document in first.documents]
    # The document the cursor names goes away, and one comes before it.
    before = 9 if descending else -9
    await documents.write([Drop("tickets", "desk", seen[-1]), stored("new", {"rank": before})])
    second = await desk.page("tickets", order="rank", descending=descending, after=first.next, limit=4)
    whole = sorted("abcdefgh", reverse=descending)
    assert seen + [document.key for document in second.documents] == whole


async def test_the_last_page_has_no_next(documents: Documents) -> None:
    await documents.write([stored(key, {}) for key in "abcd"])
    page = await documents.of("desk").page("tickets", limit=4)
    assert page.next is None
    assert [document.key for document in page.documents] == list("abcd")
    empty = await documents.of("nobody").page("tickets")
    assert (empty.documents, empty.next) == ([], None)


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "bnVsbA", "W10", "سند", "WyJ0aWNrZXRzIixudWxsLGZhbHNlLG51bGwsMV0"])
async def test_a_cursor_that_is_not_ours_is_refused(documents: Documents, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await documents.of("desk").page("tickets", after=cursor)


async def test_a_cursor_of_another_query_is_refused(documents: Documents) -> None:
    await documents.write([stored(key, {"rank": 1}) for key in "ab"])
    desk = documents.of("desk")
    cursor = (await desk.page("tickets", order="rank", limit=1)).next
    assert cursor is not None
    for order, descending in (("rank", True), (None, False), ("status", False)):
        with pytest.raises(ValueError, match="another query"):
            await desk.page("tickets", order=order, descending=descending, after=cursor)
    with pytest.raises(ValueError, match="another query"):
        await desk.page("accounts", after=cursor)


async def test_only_indexed_fields_can_be_asked_for(documents: Documents) -> None:
    desk = documents.of("desk")
    with pytest.raises(ValueError, match=r"tickets\.text is not indexed"):
        await desk.page("tickets", order="text")
    with pytest.raises(ValueError, match=r"tickets\.text is not indexed"):
        await desk.count("tickets", by(text="x"))
    with pytest.raises(ValueError, match="0 documents"):
        await desk.page("tickets", limit=0)


@pytest.mark.parametrize(("operator", "value"), [("in", 1), ("=", (1, 2)), ("<", (1,))])
async def test_a_condition_that_makes_no_sense_is_refused(
    documents: Documents, operator: Operator, value: Scalar | tuple[Scalar, ...]
) -> None:
    with pytest.raises(ValueError, match="takes"):
        await documents.of("desk").count("tickets", [Where("rank", operator, value)])


async def test_truth_values_can_be_asked_for(documents: Documents) -> None:
    await documents.write([stored("a", {"urgent": True}), stored("b", {"urgent": False}), stored("c", {})])
    assert await keys_of(documents, by(urgent=True)) == ["a"]
    assert await keys_of(documents, by(urgent=False)) == ["b"]
    assert await keys_of(documents, by(urgent=None)) == ["c"]
