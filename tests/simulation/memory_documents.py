"""Documents in memory, under the same contract suite as the real store."""

import json
from collections.abc import Sequence
from operator import eq, ge, gt, le, lt
from typing import Any

from shared.documents import Body, Collection, Conflict, Document, Drop, Page, Put, Where, Write, merged
from tests.simulation.pauses import Reached, pause

ASKED = Reached("write", "documents")
ANSWERED = Reached("wrote", "documents")
READ = Reached("get", "documents")
COMPARE = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
Shelf = dict[str, Document]


class MemoryDocuments:
    """Bodies are copied in and out, so nobody shares what the real store would not share."""

    def __init__(self, collections: Sequence[Collection] = ()) -> None:
        self.collections = {collection.name: collection for collection in collections}
        self.shelves: dict[tuple[str, str], Shelf] = {}

    def of(self, desk: str) -> "MemoryDesk":
        return MemoryDesk(self, desk)

    def shelf(self, collection: str, desk: str) -> Shelf:
        return self.shelves.setdefault((collection, desk), {})

    async def write(self, writes: Sequence[Write]) -> None:
        await pause(ASKED)
        for write in writes:
            self._apply(write)
        await pause(ANSWERED)

    def _apply(self, write: Write) -> None:
        shelf = self.shelf(write.collection, write.desk)
        if isinstance(write, Drop):
            shelf.pop(write.key, None)
            return
        stored = shelf.get(write.key)
        if stored is not None and stored.seq >= write.seq:
            return
        self.keep(write, merged(stored.body if stored else None, write))

    def keep(self, put: Put, body: Body) -> None:
        """Store, unless another key of the desk holds the same unique fields."""
        shelf = self.shelf(put.collection, put.desk)
        declared = self.collections.get(put.collection)
        for fields in declared.unique if declared else ():
            mine = [body.get(name) for name in fields]
            for key, other in shelf.items():
                if key != put.key and None not in mine and mine == [other.body.get(name) for name in fields]:
                    raise Conflict(f"{fields} of {put.collection} is taken")
        shelf[put.key] = Document(put.key, put.seq, _copy(body))

    async def clear(self, collection: str, desk: str | None = None) -> None:
        await pause(ASKED)
        for name, owner in list(self.shelves):
            if name == collection and desk in (None, owner):
                del self.shelves[name, owner]

    async def close(self) -> None:
        """Nothing is held."""


class MemoryDesk:
    """One desk's shelves."""

    def __init__(self, store: MemoryDocuments, desk: str) -> None:
        self._store, self._desk = store, desk

    async def get(self, collection: str, key: str) -> Document | None:
        return (await self.get_many(collection, [key])).get(key)

    async def get_many(self, collection: str, keys: Sequence[str]) -> dict[str, Document]:
        await pause(READ)
        shelf = self._store.shelf(collection, self._desk)
        return {key: _handed_out(shelf[key]) for key in keys if key in shelf}

    async def page(
        self, collection: str, *, where: Sequence[Where] = (), order: str | None = None, descending: bool = False,
        after: str | None = None, limit: int = 50,
    ) -> Page:  # fmt: skip
        self._demand_index(collection, [*(condition.field for condition in where), *([order] if order else [])])
        found = [(_rank(document, order), document) for document in self._matching(collection, where)]
        found.sort(key=lambda pair: pair[0], reverse=descending)
        if after is not None:
            try:
                mark = _as_rank(json.loads(after))
            except (ValueError, TypeError):
                raise ValueError("this cursor is not ours") from None
            found = [pair for pair in found if (pair[0] < mark if descending else pair[0] > mark)]
        await pause(READ)
        page = [_handed_out(document) for _, document in found[:limit]]
        return Page(page, json.dumps(found[limit - 1][0]) if len(found) > limit else None)

    async def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        self._demand_index(collection, [condition.field for condition in where])
        await pause(READ)
        return len(self._matching(collection, where))

    async def replace(self, collection: str, key: str, body: Body, expected_seq: int | None) -> int:
        await pause(ASKED)
        stored = self._store.shelf(collection, self._desk).get(key)
        if (stored.seq if stored else None) != expected_seq:
            raise Conflict(f"{key} of {collection} is at another version")
        seq = (expected_seq or 0) + 1
        self._store.keep(Put(collection, self._desk, key, seq, body), body)
        await pause(ANSWERED)
        return seq

    def _demand_index(self, collection: str, fields: list[str]) -> None:
        declared = self._store.collections.get(collection)
        for name in fields:
            if declared is None or name not in declared.indexed:
                raise ValueError(f"{collection} has no index on {name}")

    def _matching(self, collection: str, where: Sequence[Where]) -> list[Document]:
        shelf = self._store.shelf(collection, self._desk)
        return [document for document in shelf.values() if all(_holds(condition, document) for condition in where)]


def _copy(value: Any) -> Any:
    """As stored and read back: nobody shares a list or a mapping with the store."""
    if isinstance(value, dict):
        return {key: _copy(part) for key, part in value.items()}
    return [_copy(part) for part in value] if isinstance(value, list | tuple) else value


def _handed_out(document: Document) -> Document:
    return Document(document.key, document.seq, _copy(document.body))


def _holds(condition: Where, document: Document) -> bool:
    value: Any = document.body.get(condition.field)
    if condition.operator == "in":
        return isinstance(condition.value, tuple) and value in condition.value
    if condition.operator == "=":
        return bool(value == condition.value)
    compare: Any = COMPARE[condition.operator]
    return value is not None and bool(compare(value, condition.value))


def _rank(document: Document, order: str | None) -> tuple[bool, Any, str]:
    value = document.body.get(order) if order else None
    return (value is not None, value if value is not None else 0, document.key)


def _as_rank(parts: list[Any]) -> tuple[bool, Any, str]:
    some, value, key = parts
    return (bool(some), value, str(key))
