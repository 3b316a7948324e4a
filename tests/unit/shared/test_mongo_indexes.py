"""What MongoDB is prepared with: made once, filled for older documents, demanded before anything is written."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shared.documents import Collection, Conflict, Put, by
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import MongoAddress
from shared.stores.mongo_indexes import NotPrepared
from tests.engines.mongo import address

pytestmark = [pytest.mark.anyio, pytest.mark.engines]

PLAIN = Collection("tickets")
INDEXED = Collection("tickets", ("status",))
UNIQUE = Collection("tickets", ("status", "number"), (("number",),))
Open = Callable[[Collection], MongoDocuments]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    made: list[MongoDocuments] = []

    def again(collection: Collection) -> MongoDocuments:
        made.append(MongoDocuments(MongoAddress(address(), f"{abs(hash(tmp_path)):020}"), [collection]))
        return made[-1]

    yield again
    for documents in made:
        await documents.close()


async def said(documents: MongoDocuments) -> list[str]:
    return [line async for line in documents.prepare()]


def ticket(key: str, **fields: str | int | None) -> Put:
    return Put("tickets", "desk", key, 1, fields)


async def test_without_its_indexes_nothing_begins(opened: Open) -> None:
    with pytest.raises(NotPrepared, match=r"tickets: run `python -m services indexes`"):
        await opened(INDEXED).write([ticket("a")])
    await said(opened(INDEXED))
    await opened(INDEXED).write([ticket("a")])
    assert await opened(INDEXED).of("desk").count("tickets") == 1
    with pytest.raises(NotPrepared):
        await opened(UNIQUE).of("desk").count("tickets")


async def test_preparing_again_changes_nothing(opened: Open) -> None:
    made = await said(opened(UNIQUE))
    assert made == [f"tickets: index {name!r} made" for name in ("by key", "by status", "by number", "unique number")]
    assert await said(opened(UNIQUE)) == []


async def test_documents_older_than_an_index_are_found_by_it(opened: Open) -> None:
    plain = opened(PLAIN)
    await said(plain)
    await plain.write([ticket("a", status="open", number=1), ticket("b", status=None), ticket("c", number=3)])
    later = opened(UNIQUE)
    assert "tickets: 3 documents filled" in await said(later)
    desk = later.of("desk")
    assert [found.key for found in (await desk.page("tickets", where=by(status="open"))).documents] == ["a"]
    assert [found.key for found in (await desk.page("tickets", order="number")).documents] == ["b", "a", "c"]
    with pytest.raises(Conflict):
        await later.write([ticket("d", number=3)])


async def test_what_an_older_process_wrote_after_the_index_was_made_is_filled_at_the_next_time(opened: Open) -> None:
    plain = opened(PLAIN)
    await said(plain)
    await said(opened(UNIQUE))
    # one only: the index takes a second one without its value for the same
    await plain.write([ticket("a", status="open", number=1)])
    assert await said(opened(UNIQUE)) == ["tickets: 1 documents filled"]
    later = opened(UNIQUE)
    found = await later.of("desk").page("tickets", where=by(status="open"))
    assert [one.key for one in found.documents] == ["a"]
    with pytest.raises(Conflict):
        await later.write([ticket("c", number=1)])
    assert await said(opened(UNIQUE)) == []


async def test_what_is_not_unique_cannot_be_made_so(opened: Open) -> None:
    plain = opened(PLAIN)
    await said(plain)
    await plain.write([ticket("a", number=1), ticket("b", number=1)])
    with pytest.raises(Conflict, match="tickets holds documents that are to be unique"):
        await said(opened(UNIQUE))
    with pytest.raises(NotPrepared):
        await opened(UNIQUE).of("desk").count("tickets")


async def test_an_index_nobody_wants_goes(opened: Open) -> None:
    await said(opened(UNIQUE))
    assert await said(opened(INDEXED)) == [
        "tickets: index 'by number' dropped",
        "tickets: index 'unique number' dropped",
    ]
    documents = opened(INDEXED)
    await documents.write([ticket("a", number=1), ticket("b", number=1)])
    assert await documents.of("desk").count("tickets") == 2
