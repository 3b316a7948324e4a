"""The text store: what is written once stays, what changes is the latest, what is erased never comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.documents import by
from shared.stores.sqlite import SqliteDocuments
from shared.texts import COLLECTIONS, TEXTS, ContactText, MessageText, TaskText, Texts, change, erase, once

pytestmark = pytest.mark.anyio

DESK, OTHER = "desk", "other"


@pytest.fixture
async def documents(tmp_path: Path) -> AsyncIterator[SqliteDocuments]:
    documents = SqliteDocuments(tmp_path / "documents.db", COLLECTIONS)
    yield documents
    await documents.close()


async def test_a_message_is_written_once(documents: SqliteDocuments) -> None:
    texts = Texts(documents.of(DESK))
    await documents.write([once(DESK, "message", "m1", {"text": "أول", "subject": "s"})])
    await documents.write([once(DESK, "message", "m1", {"text": "forged"})])
    assert await texts.message("m1") == MessageText(text="أول", subject="s")


async def test_what_is_told_later_replaces_what_was_told_and_keeps_the_rest(documents: SqliteDocuments) -> None:
    texts = Texts(documents.of(DESK))
    await documents.write(
        [change(DESK, "task", "k", 3, {"note": "call"}), change(DESK, "task", "k", 7, {"result": "ok"})]
    )
    await documents.write([change(DESK, "task", "k", 5, {"note": "old news"})])
    assert await texts.tasks(["k"]) == {"k": TaskText(note="call", result="ok")}


async def test_what_others_say_of_a_contact_is_news_only_where_nothing_is_known(documents: SqliteDocuments) -> None:
    texts = Texts(documents.of(DESK))
    said, told = (
        {"kind": "email", "address": "a@b.c", "name": "A"},
        {"kind": "email", "address": "a@b.c", "name": "Ann"},
    )
    await documents.write([once(DESK, "contact", "p", said)])
    assert (await texts.contacts(["p"]))["p"].name == "A"
    await documents.write([change(DESK, "contact", "p", 0, told), once(DESK, "contact", "p", said)])
    assert await texts.contacts(["p"]) == {"p": ContactText(kind="email", address="a@b.c", name="Ann")}


async def test_what_is_erased_is_absent_and_stays_so(documents: SqliteDocuments) -> None:
    texts = Texts(documents.of(DESK))
    await documents.write(
        [once(DESK, "message", "m1", {"text": "secret"}), change(DESK, "customer", "c", 1, {"name": "N"})]
    )
    await documents.write([*erase(DESK, "message", ["m1"]), *erase(DESK, "customer", ["c"])])
    await documents.write(
        [once(DESK, "message", "m1", {"text": "secret"}), change(DESK, "customer", "c", 9, {"name": "N"})]
    )
    assert await texts.messages(["m1"]) == {}
    assert await texts.customers(["c"]) == {}
    stored = await documents.of(DESK).get_many(TEXTS.name, ["message/m1", "customer/c"])
    assert [document.body for document in stored.values()] == [{}, {}]


async def test_kinds_and_desks_do_not_meet(documents: SqliteDocuments) -> None:
    await documents.write([once(DESK, "message", "x", {"text": "a"}), once(DESK, "survey", "x", {"comment": "b"})])
    ours, theirs = Texts(documents.of(DESK)), Texts(documents.of(OTHER))
    assert (await ours.surveys(["x"]))["x"].comment == "b"
    assert await ours.fields(["x"]) == {}
    assert await theirs.messages(["x"]) == {}


async def test_agents_are_found_by_their_address(documents: SqliteDocuments) -> None:
    await documents.write([change(DESK, "agent", "sara", 1, {"name": "S", "email": "s@x.y"})])
    page = await documents.of(DESK).page(TEXTS.name, where=by(email="s@x.y"))
    assert [document.key for document in page.documents] == ["agent/sara"]
    assert (await Texts(documents.of(DESK)).agents(["sara", "sara"]))["sara"].email == "s@x.y"


async def test_asking_for_nothing_asks_nobody(documents: SqliteDocuments) -> None:
    await documents.close()
    assert await Texts(documents.of(DESK)).messages([]) == {}
