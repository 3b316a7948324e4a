"""Documents in MongoDB, for any number of processes. Writes are guarded by the server, each document on its own.

A call of `write` keeps the order within a collection. Between collections, the one whose last write comes later is
written later: a mark at the end of a call never runs ahead of the documents it speaks of.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from collections.abc import Collection as Keys
from contextlib import asynccontextmanager

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from shared.broker import NotLetIn
from shared.documents import Body, Collection, Conflict, Document, DocumentsUnavailable, Page, Where, Write
from shared.stores.cursors import Ordered
from shared.stores.declared import checked
from shared.stores.mongo_address import MongoAddress
from shared.stores.mongo_bulk import execute, plan, require_fitting_merged
from shared.stores.mongo_driver import Client, Found, connect, disconnect, refusal, translated
from shared.stores.mongo_indexes import PREFIX, prepare, require_prepared
from shared.stores.mongo_lanes import Lanes
from shared.stores.mongo_pages import after as beyond
from shared.stores.mongo_pages import matching, sorting, value_of
from shared.stores.mongo_shape import document, freeze, identity, whole

MANY = 500

Into = AsyncCollection[Found]


class MongoDocuments:
    """All collections in one database; a client that is given is this one's from now on.

    `prepares`: make missing indexes at the first call, for tests and trying; otherwise the first call raises
    NotPrepared where they are missing. Raises ValueError for a wrong declaration, DocumentsUnavailable.
    """

    def __init__(
        self,
        address: MongoAddress,
        collections: Sequence[Collection],
        *,
        prepares: bool = False,
        client: Client | None = None,
    ) -> None:
        self._client = client or connect(address)
        self.database = self._client[address.database]
        self._collections = {collection.name: collection for collection in checked(collections)}
        self._prepares = prepares
        self._prepared = False
        self._preparing = asyncio.Lock()
        self._lanes = Lanes()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    def of(self, desk: str) -> "MongoDesk":
        if "/" in desk:
            raise ValueError("the name of a desk has no slash")
        return MongoDesk(self, desk)

    async def write(self, writes: Sequence[Write]) -> None:
        plans = [(self.into(one.name), plan(one, own)) for one, own in self._by_collection(writes)]
        documents = {f"{into.name}/{op.id}" for into, ops in plans for op in ops}
        async with self.call(documents):
            for into, ops in plans:
                await require_fitting_merged(into, ops)
            for into, ops in plans:
                await execute(into, ops)

    async def clear(self, collection: str, desk: str | None = None) -> None:
        self.declared(collection)
        async with self.call():
            await self.into(collection).delete_many({} if desk is None else {"desk": desk})

    async def prepare(self) -> AsyncIterator[str]:
        """Make missing indexes, and say what is done. Idempotent. Raises Conflict, DocumentsUnavailable."""
        async for line in prepare(self.database, [*self._collections.values()]):
            yield line
        self._prepared = True

    async def check_entry(self) -> None:
        """Raises NotLetIn. A server that does not answer refuses nobody: whoever needs it waits for it."""
        try:
            await self.database.command("ping")
        except PyMongoError as error:
            if reason := refusal(error):
                raise NotLetIn(f"MongoDB refuses: {reason}") from None

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._idle.wait()
            await disconnect(self._client)

    def declared(self, name: str) -> Collection:
        """A declared collection. Raises ValueError."""
        collection = self._collections.get(name)
        if collection is None:
            raise ValueError(f"collection {name} is not declared")
        return collection

    def into(self, name: str) -> Into:
        """Where its documents lie."""
        return self.database[PREFIX + name]

    @asynccontextmanager
    async def call(self, writing: Keys[str] = ()) -> AsyncIterator[None]:
        """One call of the port: counted, in its turn, prepared. Raises DocumentsUnavailable, Conflict."""
        if self._closed:
            raise DocumentsUnavailable("the documents are closed")
        self._running += 1
        self._idle.clear()
        try:
            # turns are taken before anything is awaited, so they are in the order of the calls
            async with self._lanes.turn(writing):
                if not self._prepared:
                    await self._begin()
                with translated():
                    yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _begin(self) -> None:
        async with self._preparing:
            if self._prepared:
                return
            if self._prepares:
                async for _ in self.prepare():
                    pass
            else:
                await require_prepared(self.database, [*self._collections.values()])
            self._prepared = True

    def _by_collection(self, writes: Sequence[Write]) -> Iterator[tuple[Collection, list[Write]]]:
        groups: dict[str, list[Write]] = {}
        for write in writes:
            if "/" in write.desk:
                raise ValueError("the name of a desk has no slash")
            own = groups.pop(write.collection, [])
            own.append(write)
            groups[write.collection] = own
        for name, own in groups.items():
            yield self.declared(name), own


class MongoDesk:
    """One desk's documents."""

    def __init__(self, documents: MongoDocuments, desk: str) -> None:
        self._documents = documents
        self._desk = desk

    async def get(self, collection: str, key: str) -> Document | None:
        self._documents.declared(collection)
        async with self._documents.call():
            found = await self._documents.into(collection).find_one({"_id": identity(self._desk, key)})
        return document(found) if found else None

    async def get_many(self, collection: str, keys: Sequence[str]) -> dict[str, Document]:
        self._documents.declared(collection)
        found: list[Found] = []
        async with self._documents.call():
            for some in _chunks([identity(self._desk, key) for key in dict.fromkeys(keys)]):
                found += await self._documents.into(collection).find({"_id": {"$in": some}}).to_list(None)
        documents = {one.key: one for one in map(document, found)}
        return {key: documents[key] for key in dict.fromkeys(keys) if key in documents}

    async def page(
        self,
        collection: str,
        *,
        where: Sequence[Where] = (),
        order: str | None = None,
        descending: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        if limit < 1:
            raise ValueError(f"a page of {limit} documents")
        declared = self._documents.declared(collection)
        by = Ordered(declared, order, descending)
        way, conditions = sorting(by), matching(declared, self._desk, where)
        if after is not None:
            conditions.append(beyond(by, self._desk, after))
        async with self._documents.call():
            cursor = self._documents.into(collection).find({"$and": conditions}).sort(way).limit(limit + 1)
            rows: list[Found] = await cursor.to_list(None)
        documents = [document(row) for row in rows[:limit]]
        more = len(rows) > limit
        return Page(documents, by.cursor(value_of(by, rows[limit - 1]), documents[-1].key) if more else None)

    async def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        conditions = matching(self._documents.declared(collection), self._desk, where)
        async with self._documents.call():
            return int(await self._documents.into(collection).count_documents({"$and": conditions}))

    async def replace(self, collection: str, key: str, body: Body, expected_seq: int | None) -> int:
        declared = self._documents.declared(collection)
        frozen = freeze(declared, (expected_seq or 0) + 1, body)
        stored = whole(declared, self._desk, key, frozen)
        async with self._documents.call():
            into = self._documents.into(collection)
            if expected_seq is None:
                await into.insert_one(stored)
            else:
                done = await into.replace_one({"_id": stored["_id"], "seq": expected_seq}, stored)
                if not done.matched_count:
                    raise Conflict(f"{collection}: the document changed meanwhile")
        return frozen.seq


def _chunks(ids: list[str]) -> Iterable[list[str]]:
    return (ids[begin : begin + MANY] for begin in range(0, len(ids), MANY))
