"""The embedded documents: one SQLite file, one writer thread, group commit, fsync before the acknowledgement."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from shared.documents import Body, Collection, Document, DocumentsUnavailable, Page, Put, Where
from shared.documents import Write as AnyWrite
from shared.group_commit import GroupCommit, Overloaded
from shared.sqlite import Hold, Readers, connect
from shared.stores.sqlite_cache import UNKNOWN, Cache
from shared.stores.sqlite_pages import Order, clauses, column_of, joined
from shared.stores.sqlite_schema import prepare
from shared.stores.sqlite_table import Op, Stored, Table
from shared.stores.sqlite_writer import Change, Clear, Job, Write, Writer

Result = TypeVar("Result")

MANY = 128


class SqliteDocuments:
    """Documents in one file, for one process. Raises InUse when another one has it open, WrongFile, ValueError.

    A call of `write` is atomic here, which the port does not promise.
    """

    def __init__(self, path: Path, collections: Sequence[Collection]) -> None:
        self._hold = Hold(path)
        self.cache = Cache()
        try:
            connection = connect(path)
            self._tables = prepare(connection, collections)
        except BaseException:
            self._hold.release()
            raise
        self.writer = Writer(connection, self.cache)
        self._readers = Readers("documents reader", path)
        self._commits: GroupCommit[Job, int] = GroupCommit("documents writer", self.writer.commit, self.writer.close)
        self._closed = False

    def of(self, desk: str) -> "SqliteDesk":
        return SqliteDesk(self, desk)

    async def write(self, writes: Sequence[AnyWrite]) -> None:
        changes = [self._change(write) for write in writes]
        if changes:
            await self.submit(Write(changes), sum(one.op.stored.size for one in changes if one.op.stored))

    async def clear(self, collection: str, desk: str | None = None) -> None:
        await self.submit(Clear(self.table(collection), desk), 0)

    async def close(self) -> None:
        self._closed = True
        await self._commits.close()
        self._readers.close()
        self._hold.release()

    def table(self, collection: str) -> Table:
        """The table of a declared collection. Raises ValueError."""
        table = self._tables.get(collection)
        if table is None:
            raise ValueError(f"collection {collection} is not declared")
        return table

    async def submit(self, job: Job, size: int) -> int:
        """Have the writer thread do it. Raises DocumentsUnavailable, Conflict."""
        try:
            return await self._commits.submit(job, size)
        except Overloaded as error:
            raise DocumentsUnavailable(f"the documents take nothing now: {error}") from error

    async def ask(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        """Read the file, off the event loop. Raises DocumentsUnavailable."""
        if self._closed:
            raise DocumentsUnavailable("the documents are closed")
        try:
            return await self._readers.run(read)
        except sqlite3.Error as error:
            raise DocumentsUnavailable(f"the documents' file: {error}") from error

    def _change(self, write: AnyWrite) -> Change:
        table = self.table(write.collection)
        one = (write.collection, write.desk, write.key)
        if not isinstance(write, Put):
            return Change(table, Op(one, None), over=write.over)
        stored, columns = table.freeze(write.seq, write.body), table.extract(write.body)
        return Change(table, Op(one, stored, columns), patch=write.patch, over=write.over)


class SqliteDesk:
    """One desk's documents."""

    def __init__(self, documents: SqliteDocuments, desk: str) -> None:
        self._documents = documents
        self._cache = documents.cache
        self._desk = desk

    async def get(self, collection: str, key: str) -> Document | None:
        known = self._cache.get((collection, self._desk, key))
        if known is UNKNOWN:
            return (await self.get_many(collection, [key])).get(key)
        return known.document(key) if known else None

    async def get_many(self, collection: str, keys: Sequence[str]) -> dict[str, Document]:
        table = self._documents.table(collection)
        found: dict[str, Stored | None] = {}
        missing: dict[str, int] = {}
        for key in dict.fromkeys(keys):
            one = (collection, self._desk, key)
            version = self._cache.version(one)
            known = self._cache.get(one)
            if known is UNKNOWN:
                missing[key] = version
            else:
                found[key] = known
        for begin in range(0, len(missing), MANY):
            part = [*missing][begin : begin + MANY]
            rows = await self._documents.ask(partial(table.find, desk=self._desk, keys=part))
            for key in part:
                found[key] = stored = rows.get(key)
                self._cache.fill((collection, self._desk, key), stored, missing[key])
        return {key: stored.document(key) for key in keys if (stored := found[key]) is not None}

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
        table = self._documents.table(collection)
        by = Order(table, order, descending)
        parts = clauses(table, self._desk, where) + ([by.after(after)] if after is not None else [])
        conditions, values = joined(parts)
        value = "NULL" if order is None else column_of(table, order)
        question = f"SELECT {value}, key, seq, body, content FROM {table.name} WHERE {conditions}{by.sql} LIMIT ?"
        rows = await self._documents.ask(lambda to: to.execute(question, [*values, limit + 1]).fetchall())
        documents = [Stored(seq, body, content).document(key) for _, key, seq, body, content in rows[:limit]]
        return Page(documents, by.ordered.cursor(rows[limit - 1][0], documents[-1].key) if len(rows) > limit else None)

    async def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        table = self._documents.table(collection)
        conditions, values = joined(clauses(table, self._desk, where))
        question = f"SELECT count(*) FROM {table.name} WHERE {conditions}"
        (count,) = await self._documents.ask(lambda to: to.execute(question, values).fetchone())
        return int(count)

    async def replace(self, collection: str, key: str, body: Body, expected_seq: int | None) -> int:
        table = self._documents.table(collection)
        stored, columns = table.freeze((expected_seq or 0) + 1, body), table.extract(body)
        op = Op((collection, self._desk, key), stored, columns)
        change = Change(table, op, conditional=True, expected=expected_seq)
        return await self._documents.submit(Write([change]), stored.size)
