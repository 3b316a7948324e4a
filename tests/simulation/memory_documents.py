"""Documents in memory, under the same contract suite as the real store."""

from collections.abc import Sequence
from typing import Any

import orjson

from shared.documents import (
    MAX_DOCUMENT_BYTES,
    Body,
    Collection,
    Conflict,
    Document,
    DocumentTooLarge,
    Drop,
    Page,
    Put,
    Where,
    Write,
    merged,
)
from tests.simulation.memory_pages import cut_page, demand_index, holds, rank
from tests.simulation.pauses import Pausing, Reached, pause

ASKED = Reached("write", "documents")
ANSWERED = Reached("wrote", "documents")
READ = Reached("get", "documents")
LARGEST_INTEGER = 2**63
Shelf = dict[str, Document]


class MemoryDocuments:
    """Bodies are copied in and out, so nobody shares what the real store would not share."""

    def __init__(self, collections: Sequence[Collection] = (), pausing: Pausing = pause) -> None:
        self.pause = pausing
        self.collections = {collection.name: collection for collection in collections}
        self.shelves: dict[tuple[str, str], Shelf] = {}

    def of(self, desk: str) -> "MemoryDesk":
        return MemoryDesk(self, desk)

    def collection(self, name: str) -> Collection:
        if name not in self.collections:
            raise ValueError(f"collection {name} is not declared")
        return self.collections[name]

    def shelf(self, collection: str, desk: str) -> Shelf:
        return self.shelves.setdefault((self.collection(collection).name, desk), {})

    async def write(self, writes: Sequence[Write]) -> None:
        for write in writes:
            if isinstance(write, Put):
                demand_value(self.collection(write.collection), write.body)
        await self.pause(ASKED)
        for write in writes:
            self._apply(write)
        await self.pause(ANSWERED)

    def _apply(self, write: Write) -> None:
        shelf = self.shelf(write.collection, write.desk)
        stored = shelf.get(write.key)
        if write.over is not None and (stored is None or stored.seq != write.over):
            return
        if isinstance(write, Drop):
            shelf.pop(write.key, None)
            return
        if stored is None or stored.seq < write.seq or write.over is not None:
            self.keep(write, merged(stored.body if stored else None, write))

    def keep(self, put: Put, body: Body) -> None:
        """Store, unless another key of the desk holds the same unique fields."""
        shelf = self.shelf(put.collection, put.desk)
        for fields in self.collection(put.collection).unique:
            mine = [body.get(name) for name in fields]
            for key, other in shelf.items():
                if key != put.key and None not in mine and mine == [other.body.get(name) for name in fields]:
                    raise Conflict(f"{fields} of {put.collection} is taken")
        size = size_of(body)
        if size > MAX_DOCUMENT_BYTES:
            raise DocumentTooLarge(f"{size} bytes; the limit is {MAX_DOCUMENT_BYTES}")
        shelf[put.key] = Document(put.key, put.seq, _copy(body))

    async def clear(self, collection: str, desk: str | None = None) -> None:
        await self.pause(ASKED)
        self.collection(collection)
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
        await self._store.pause(READ)
        shelf = self._store.shelf(collection, self._desk)
        return {key: _handed_out(shelf[key]) for key in keys if key in shelf}

    async def page(
        self, collection: str, *, where: Sequence[Where] = (), order: str | None = None, descending: bool = False,
        after: str | None = None, limit: int = 50,
    ) -> Page:  # fmt: skip
        if limit < 1:
            raise ValueError(f"a page of {limit} documents")
        demand_index(self._store.collection(collection), where, order)
        found = sorted(
            ((rank(document, order), document) for document in self._matching(collection, where)),
            key=lambda pair: pair[0], reverse=descending,
        )  # fmt: skip
        page, following = cut_page(found, (collection, order, descending), after, limit)
        await self._store.pause(READ)
        return Page([_handed_out(document) for document in page], following)

    async def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        demand_index(self._store.collection(collection), where, None)
        await self._store.pause(READ)
        return len(self._matching(collection, where))

    async def replace(self, collection: str, key: str, body: Body, expected_seq: int | None) -> int:
        demand_value(self._store.collection(collection), body)
        await self._store.pause(ASKED)
        stored = self._store.shelf(collection, self._desk).get(key)
        if (stored.seq if stored else None) != expected_seq:
            raise Conflict(f"{key} of {collection} is at another version")
        seq = (expected_seq or 0) + 1
        self._store.keep(Put(collection, self._desk, key, seq, body), body)
        await self._store.pause(ANSWERED)
        return seq

    def _matching(self, collection: str, where: Sequence[Where]) -> list[Document]:
        shelf = self._store.shelf(collection, self._desk)
        return [document for document in shelf.values() if all(holds(document, condition) for condition in where)]


def demand_value(collection: Collection, body: Body) -> None:
    """Indexed fields hold what has an order; everything can be written down. Raises TypeError."""
    for name in collection.indexed:
        value = body.get(name)
        in_range = not isinstance(value, int) or -LARGEST_INTEGER <= value < LARGEST_INTEGER
        if not isinstance(value, str | int | bool | None) or not in_range:
            raise TypeError(f"{collection.name}.{name} is indexed: text, integer, truth or null only")
    size_of(body)


def size_of(body: Body) -> int:
    """Bytes as written down: JSON, and beside it what is bytes already. Raises TypeError for what JSON does not know."""
    beside = [value for value in body.values() if isinstance(value, bytes)]
    rest = {name: value for name, value in body.items() if not isinstance(value, bytes)} if beside else body
    return len(orjson.dumps(rest)) + sum(map(len, beside))


def _copy(value: Any) -> Any:
    """As stored and read back: nobody shares a list or a mapping with the store."""
    if isinstance(value, dict):
        return {key: _copy(part) for key, part in value.items()}
    return [_copy(part) for part in value] if isinstance(value, list | tuple) else value


def _handed_out(document: Document) -> Document:
    return Document(document.key, document.seq, _copy(document.body))
