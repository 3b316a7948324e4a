"""The documents port: what is read by key or by page. Adapters live in `stores/`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Body = dict[str, Any]
"""What JSON knows; beside it the top-level field `content` may be bytes, stored as they are."""

MAX_DOCUMENT_BYTES = 12 << 20
PAGE = 500
"""Documents read at once where all are: few calls, and still no pause that anybody feels."""

Scalar = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Collection:
    """A kind of document: its name, the top-level fields it is filtered or ordered by, and unique sets of them.

    An indexed field is text, a whole number of 64 bits, a truth value, or absent (the same as null); of one type in
    all documents. A unique set holds within a desk, and only for documents that have all its fields.
    """

    name: str
    indexed: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    """Write `body` whole under `key` unless the stored document reflects `seq` or a later one (guarded put).

    `seq` counts in one source (one topic of one desk), so a document follows one source only.
    `patch` merges top-level fields into the stored body instead (creating it when missing), under the same guard.
    `over`, in place of the guard, writes only where the stored document reflects exactly that: to put right what was
    looked at, and nothing newer.
    """

    collection: str
    desk: str
    key: str
    seq: int
    body: Body
    patch: bool = False
    over: int | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Delete the document under `key`, whatever it reflects, or only where it reflects exactly `over`.

    Deleting a missing one is no error.
    """

    collection: str
    desk: str
    key: str
    over: int | None = None


Write = Put | Drop


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document and the seq it reflects."""

    key: str
    seq: int
    body: Body


@dataclass(frozen=True, slots=True)
class Page:
    """Documents in order, and the cursor of the next page (None at the end)."""

    documents: list[Document]
    next: str | None


class DocumentsUnavailable(Exception):
    """The store cannot answer now; the same call may work later."""


class DocumentTooLarge(Exception):
    """A document exceeds 12 MiB; it will never be accepted."""


class Conflict(Exception):
    """A conditional write found another version, or a unique set of fields is taken."""


Operator = Literal["=", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on one indexed field; all conditions of a query must hold. `in` takes a tuple of scalars."""

    field: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]


class DeskDocuments(Protocol):
    """The documents of one desk: the only way to a query."""

    async def get(self, collection: str, key: str) -> Document | None:
        """The document, or None."""

    async def get_many(self, collection: str, keys: Sequence[str]) -> dict[str, Document]:
        """Those that exist, by key."""

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
        """One page ordered by an indexed field (then key, in the same direction), or by key. Null comes first.

        `after` is a Page's cursor: the next page begins after the place it names, whatever was written meanwhile.
        Raises ValueError for a field that is not indexed, or a cursor that is not ours or of another order.
        """

    async def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        """How many documents match."""

    async def replace(self, collection: str, key: str, body: Body, expected_seq: int | None) -> int:
        """Compare and set, for what is no fold of the log (accounts, leases): write only if the stored seq is
        `expected_seq` (None: only if missing); returns the new seq. Raises Conflict."""


class Documents(Protocol):
    """All desks' documents in declared collections."""

    def of(self, desk: str) -> DeskDocuments:
        """The documents of `desk`; "" is the installation itself (accounts, marks)."""

    async def write(self, writes: Sequence[Write]) -> None:
        """Apply in order; durable when it returns. Atomicity is not promised, guards make repeats harmless.

        Raises Conflict when a unique set of fields is taken by another key, DocumentsUnavailable; before anything is
        written DocumentTooLarge, TypeError for what JSON does not know or an indexed field that has no order.
        """

    async def clear(self, collection: str, desk: str | None = None) -> None:
        """Delete all documents of a collection (of one desk)."""

    async def close(self) -> None:
        """Finish running writes and let go of all resources. Idempotent."""


def by(**fields: Scalar) -> list[Where]:
    """Conditions of equality, shortest form."""
    return [Where(name, "=", value) for name, value in fields.items()]


async def all_of(
    documents: DeskDocuments, collection: str, *, where: Sequence[Where] = (), limit: int = PAGE
) -> AsyncIterator[Document]:
    """Every document of a collection that matches, by key, a page of so many at a time."""
    after: str | None = None
    while True:
        page = await documents.page(collection, where=where, after=after, limit=limit)
        for document in page.documents:
            yield document
        after = page.next
        if after is None:
            return


def merged(stored: Mapping[str, Any] | None, put: Put) -> Body:
    """The body a put leaves behind, given the stored one."""
    return {**(stored or {}), **put.body} if put.patch else put.body


def lasting(writes: Sequence[Write]) -> list[Write]:
    """Those that leave something behind, whatever is stored: not what the next one to the same document writes whole over
    it, with a later `seq`. Of the marks of a run that is all but the last."""
    later: dict[tuple[str, str, str], int] = {}
    kept: list[Write] = []
    for write in reversed(writes):
        place = (write.collection, write.desk, write.key)
        if not isinstance(write, Put) or write.patch or write.over is not None:
            later.pop(place, None)
        elif write.seq < later.get(place, 0):
            continue
        else:
            later[place] = write.seq
        kept.append(write)
    return kept[::-1]
