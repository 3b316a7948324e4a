"""MongoDB's documents beyond the suite of the port: round trips, order of visibility, what goes wrong outside."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from deploy.engines import mongo
from shared.documents import Body, Collection, Conflict, Document, DocumentsUnavailable, DocumentTooLarge, Drop, Put, by
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import MongoAddress
from shared.stores.mongo_bulk import LARGE
from shared.stores.mongo_driver import Found
from tests.contracts.ports.adapters import SHARED_STORE
from tests.engines.kafka import need_java, quiet
from tests.engines.mongo import address

pytestmark = [pytest.mark.anyio, pytest.mark.engines]

TICKETS, MARKS = Collection("tickets", ("status",)), Collection("marks")
ACCOUNTS = Collection("accounts", ("realm", "name"), (("realm", "name"),))
Open = Callable[..., MongoDocuments]


class Commands(CommandListener):
    """The names of what was sent, with the collection."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append((event.command_name, str(event.command.get(event.command_name)).removeprefix("documents_")))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nobody asks."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nobody asks."""


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    made: list[MongoDocuments] = []

    def again(*collections: Collection, prepares: bool = True, listener: Commands | None = None) -> MongoDocuments:
        client = AsyncMongoClient[Found](address(), event_listeners=[listener]) if listener else None
        place = MongoAddress(address(), f"{abs(hash(tmp_path)):020}")
        made.append(MongoDocuments(place, collections or (TICKETS, MARKS), prepares=prepares, client=client))
        return made[-1]

    yield again
    for documents in made:
        await documents.close()


@pytest.fixture
def documents(opened: Open) -> MongoDocuments:
    return opened()


def ticket(key: str, seq: int, body: Body | None = None, *, patch: bool = False) -> Put:
    return Put("tickets", "desk", key, seq, body or {}, patch=patch)


TRICKY = st.sampled_from(["", "a.b", "$set", "%", "%2E", "a%", "\0", "0", "_id", "body", "seq", "content", "معلق"])
NAMES = st.one_of(TRICKY, st.text(st.characters(exclude_categories=["Cs"]), max_size=5)).filter(lambda n: n != "status")
NUMBERS = st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False))
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
JSON = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3))
)
BODIES = st.dictionaries(NAMES, JSON, max_size=4)


@SHARED_STORE
@given(body=BODIES, over=BODIES, key=st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
async def test_whatever_json_holds_comes_back(documents: MongoDocuments, body: Body, over: Body, key: str) -> None:
    await documents.clear("tickets")
    await documents.write([ticket(key, 1, body)])
    assert await documents.of("desk").get("tickets", key) == Document(key, 1, body)
    await documents.write([ticket(key, 2, over, patch=True)])
    assert await documents.of("desk").get("tickets", key) == Document(key, 2, body | over)


async def test_deep_bodies_come_back(documents: MongoDocuments) -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    await documents.write([ticket("a", 1, {"deep": deep})])
    found = await documents.of("desk").get("tickets", "a")
    assert found is not None
    assert found.body == {"deep": deep}


async def test_a_replay_costs_three_calls_not_one_for_each_late_write(opened: Open) -> None:
    commands = Commands()
    documents = opened(listener=commands)
    writes = [ticket(str(number), 5, {"status": "open"}) for number in range(400)]
    await documents.write(writes)
    fresh = ticket("new", 1, {"status": "open"})
    commands.sent.clear()
    await documents.write([*writes, fresh])
    assert len(commands.sent) <= 3
    assert await documents.of("desk").count("tickets", by(status="open")) == 401


async def test_a_mark_comes_after_all_it_speaks_of(opened: Open) -> None:
    commands = Commands()
    documents = opened(TICKETS, MARKS, ACCOUNTS, listener=commands)
    await documents.write([])
    await documents.of("desk").count("marks")
    commands.sent.clear()
    groups = [
        (ticket(str(seq), seq), Put("accounts", "desk", str(seq), seq, {}), Put("marks", "desk", "topic", seq, {}))
        for seq in range(1, 50)
    ]
    await documents.write([put for group in groups for put in group])
    assert [name for _, name in commands.sent] == ["tickets", "accounts", "marks"]
    commands.sent.clear()
    await documents.write(
        [Put("marks", "desk", "topic", 50, {}), ticket("51", 51), Put("marks", "desk", "topic", 51, {})]
    )
    assert [name for _, name in commands.sent] == ["tickets", "marks"]


async def test_putting_right_leaves_no_moment_without_a_document(opened: Open) -> None:
    commands = Commands()
    documents = opened(listener=commands)
    await documents.write([ticket("a", 9, {"status": "wrong"})])
    commands.sent.clear()
    await documents.write([Put("tickets", "desk", "a", 4, {"status": "right"}, over=9)])
    assert commands.sent == [("update", "tickets")]
    assert await documents.of("desk").get("tickets", "a") == Document("a", 4, {"status": "right"})


async def test_two_processes_that_write_one_document_leave_the_latest(opened: Open) -> None:
    first, second = opened(), opened()
    for turn in range(20):
        late, early = ticket("a", 2 * turn + 2, {"n": turn}), ticket("a", 2 * turn + 1, {"n": -1})
        await asyncio.gather(first.write([early]), second.write([late]))
        assert await first.of("desk").get("tickets", "a") == Document("a", 2 * turn + 2, {"n": turn})


async def test_a_patch_moves_in_and_out_of_a_unique_set(opened: Open) -> None:
    documents = opened(ACCOUNTS)

    def patch(key: str, seq: int, **fields: str | None) -> Put:
        return Put("accounts", "desk", key, seq, fields, patch=True)

    await documents.write([patch("a", 1, name="huda"), patch("b", 1, name="huda"), patch("a", 2, realm="staff")])
    with pytest.raises(Conflict):
        await documents.write([patch("b", 2, realm="staff")])
    await documents.write([patch("a", 3, realm=None), patch("b", 2, realm="staff")])
    assert await documents.of("desk").count("accounts", by(realm="staff", name="huda")) == 1


async def test_what_is_too_large_is_said_before_anything_is_written(documents: MongoDocuments) -> None:
    await documents.write([ticket("a", 1, {"half": "x" * (7 << 20)})])
    with pytest.raises(DocumentTooLarge):
        await documents.write([ticket("b", 1), ticket("a", 2, {"other": "x" * (7 << 20)}, patch=True)])
    assert await documents.of("desk").count("tickets") == 1
    await documents.write([Drop("tickets", "desk", "a"), ticket("a", 2, {"other": "x" * (7 << 20)}, patch=True)])
    await documents.write([ticket("a", 3, {"more": "x" * 2 * LARGE}, patch=True)])
    found = await documents.of("desk").get("tickets", "a")
    assert found is not None
    assert found.body.keys() == {"other", "more"}


async def test_a_desk_cannot_be_named_into_anothers_documents(documents: MongoDocuments) -> None:
    with pytest.raises(ValueError, match="slash"):
        documents.of("desk/a")
    with pytest.raises(ValueError, match="slash"):
        await documents.write([Put("tickets", "desk/a", "b", 1, {})])
    assert await documents.of("desk").count("tickets") == 0


async def test_no_error_repeats_what_a_customer_wrote(opened: Open) -> None:
    documents = opened(ACCOUNTS)
    written = f"hu{1}da"
    await documents.write([Put("accounts", "desk", "a", 1, {"realm": written, "name": written})])
    with pytest.raises(Conflict) as put:
        await documents.write([Put("accounts", "desk", "b", 1, {"realm": written, "name": written})])
    with pytest.raises(Conflict) as replaced:
        await documents.of("desk").replace("accounts", "b", {"realm": written, "name": written}, None)
    for refusal in (put, replaced):
        assert written not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.slow
@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_server_that_dies_is_waited_for_and_has_kept_what_it_acknowledged(tmp_path: Path, driver: Any) -> None:
    need_java()
    server = mongo.start(tmp_path, quiet, port=None)
    documents = MongoDocuments(MongoAddress(server.address, driver=driver, patience=1_500), [TICKETS], prepares=True)
    try:
        await documents.write([ticket("a", 1)])
        for kill in range(3):
            acknowledged: list[int] = []
            enough = asyncio.Event()
            writing = asyncio.create_task(write_until_unavailable(documents, kill * 10_000 + 2, acknowledged, enough))
            await enough.wait()
            await asyncio.to_thread(server.kill)
            await writing
            with pytest.raises(DocumentsUnavailable):
                await documents.of("desk").get("tickets", "a")
            await asyncio.to_thread(server.start)
            found = await documents.of("desk").get("tickets", "a")
            assert found is not None
            assert found.seq >= acknowledged[-1]
            assert await documents.of("desk").count("tickets") == 1
    finally:
        await documents.close()
        server.stop()


async def write_until_unavailable(
    documents: MongoDocuments, seq: int, acknowledged: list[int], enough: asyncio.Event
) -> None:
    while True:
        try:
            await documents.write([ticket("a", seq, {"n": seq}, patch=seq % 2 == 0)])
        except DocumentsUnavailable:
            return
        acknowledged.append(seq)
        if len(acknowledged) == 50:
            enough.set()
        seq += 1
