"""What an older process wrote without the values of an index is filled, without an engine to try it on."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from shared.documents import Collection
from shared.stores.mongo_driver import Found
from shared.stores.mongo_indexes import prepare, wanted
from shared.stores.mongo_shape import freeze, whole

pytestmark = pytest.mark.anyio

PLAIN = Collection("tickets")
INDEXED = Collection("tickets", ("status", "number"), (("number",),))


class Table:
    """A collection that has its indexes, and documents. It knows the few conditions that are asked of it."""

    def __init__(self, *documents: Found) -> None:
        self.documents = list(documents)
        self.sent = 0

    async def index_information(self) -> dict[str, Any]:
        return dict.fromkeys(wanted(INDEXED))

    async def find(self, asked: Mapping[str, Any], _: object) -> AsyncIterator[Found]:
        for found in self.documents:
            if any(all(_holds(found, *part) for part in choice.items()) for choice in asked.get("$or", [{}])):
                self.sent += 1
                yield found

    async def update_one(self, asked: Mapping[str, Any], update: Mapping[str, Any], **_: object) -> None:
        for found in self.documents:
            if found["_id"] == asked["_id"]:
                for path, value in update["$set"].items():
                    part, name = path.split(".")
                    found.setdefault(part, {})[name] = value


def _holds(found: Found, path: str, condition: Any) -> bool:
    part, name = path.split(".")
    value = found.get(part, {}).get(name)
    return value not in condition["$nin"] if isinstance(condition, dict) else value == condition


def written(by: Collection, key: str, body: dict[str, Any]) -> Found:
    return whole(by, "desk", key, freeze(by, 1, body))


async def said(table: Table) -> list[str]:
    database: Any = {"documents_tickets": table, "indexes": Table()}
    return [line async for line in prepare(database, [INDEXED])]


async def test_what_an_older_process_wrote_whole_after_the_index_was_made_is_filled() -> None:
    bodies: dict[str, dict[str, Any]] = {
        "a": {"status": "open", "number": 1},
        "b": {"status": None},
        "c": {"number": 0},
    }
    table = Table(*(written(PLAIN, key, body) for key, body in bodies.items()))
    assert await said(table) == ["tickets: 3 documents filled"]
    assert table.documents == [written(INDEXED, key, body) for key, body in bodies.items()]


async def test_where_nothing_lacks_nothing_is_sent() -> None:
    table = Table(written(INDEXED, "a", {"status": "open"}), written(INDEXED, "b", {"status": None, "number": 7}))
    assert await said(table) == []
    assert table.sent == 0
