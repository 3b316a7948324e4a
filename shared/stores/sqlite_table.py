"""A collection as a table: the body as bytes, and one real column for each indexed field."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from shared.documents import MAX_DOCUMENT_BYTES, Body, Collection, Document, DocumentTooLarge, Scalar
from shared.sqlite import Statement
from shared.stores.declared import CONTENT, extract

Id = tuple[str, str, str]
"""Collection, desk, key."""


class Stored(NamedTuple):
    """A document as it lies in the file; the part of the body that is bytes lies beside it."""

    seq: int
    body: bytes
    content: bytes | None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.body) + len(self.content or b"")

    def document(self, key: str) -> Document:
        """A copy of its own for whoever asked."""
        body = orjson.loads(self.body)
        if self.content is not None:
            body[CONTENT] = self.content
        return Document(key, self.seq, body)


@dataclass(frozen=True, slots=True)
class Op:
    """What a transaction does to one document: write this, or delete it."""

    id: Id
    stored: Stored | None
    columns: tuple[Scalar, ...] = ()


class Table:
    """The SQL of one collection."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.name = f'"documents_{collection.name}"'
        self.fields = collection.indexed
        self.columns = {field: f'"f_{field}"' for field in self.fields}
        columns = ["desk", "key", "seq", "body", CONTENT, *self.columns.values()]
        self._into = f"INSERT INTO {self.name} ({', '.join(columns)}) VALUES "
        self._marks = f"({', '.join('?' * len(columns))})"
        updates = ", ".join(f"{column} = excluded.{column}" for column in columns[2:])
        self._instead = f" ON CONFLICT (desk, key) DO UPDATE SET {updates}"

    def freeze(self, seq: int, body: Body) -> Stored:
        """The body as stored. Raises TypeError for what JSON does not know, DocumentTooLarge."""
        content = body.get(CONTENT)
        if not isinstance(content, bytes):
            return _fitting(Stored(seq, _dump(body), None))
        rest = {name: value for name, value in body.items() if name != CONTENT}
        return _fitting(Stored(seq, _dump(rest), content))

    def extract(self, body: Body) -> tuple[Scalar, ...]:
        """The indexed fields. Raises TypeError for one that has no order."""
        return extract(self.collection, body)

    def merge(self, stored: Stored | None, patch: Stored) -> tuple[Stored, tuple[Scalar, ...]]:
        """What a patch leaves behind, and its indexed fields. Raises DocumentTooLarge."""
        over = orjson.loads(patch.body)
        body = {**orjson.loads(stored.body), **over} if stored else over
        content = patch.content
        if content is not None:
            body.pop(CONTENT, None)
        elif stored and CONTENT not in over:
            content = stored.content
        return _fitting(Stored(patch.seq, _dump(body), content)), self.extract(body)

    def upsert(self, ops: Sequence[Op]) -> Statement:
        """Write all of them whole, one after another. Guards were checked: there is one writer."""
        values: list[Any] = []
        for op in ops:
            values += (op.id[1], op.id[2], *(op.stored or ()), *op.columns)
        return f"{self._into}{', '.join([self._marks] * len(ops))}{self._instead}", values

    def delete(self, desk: str, keys: Sequence[str]) -> Statement:
        """Delete all of them."""
        marks, values = _listed(keys)
        return f"DELETE FROM {self.name} WHERE desk = ? AND key IN ({marks})", [desk, *values]

    def find(self, connection: sqlite3.Connection, desk: str, keys: Sequence[str]) -> dict[str, Stored]:
        """Those of a desk's documents that exist."""
        marks, values = _listed(keys)
        question = f"SELECT key, seq, body, content FROM {self.name} WHERE desk = ? AND key IN ({marks})"
        rows = connection.execute(question, [desk, *values]).fetchall()
        return {key: Stored(seq, body, content) for key, seq, body, content in rows}


def _dump(body: Body) -> bytes:
    """Copied, because orjson's own answer keeps the buffer it was written in: ten times its size in memory."""
    return bytes(memoryview(orjson.dumps(body)))


def _listed(keys: Sequence[str]) -> tuple[str, list[str]]:
    """Marks and keys, filled up with the last one to a power of two, so that few different statements are compiled.

    Not `(desk, key) IN (VALUES …)`: that reads as nicely and scans the whole table.
    """
    length = 1 << (len(keys) - 1).bit_length()
    return ", ".join("?" * length), [*keys, *[keys[-1]] * (length - len(keys))]


def _fitting(stored: Stored) -> Stored:
    if stored.size > MAX_DOCUMENT_BYTES:
        raise DocumentTooLarge(f"{stored.size} bytes; the limit is {MAX_DOCUMENT_BYTES}")
    return stored
