"""Guarded writes in bulk.

A put is an upsert that demands an older `seq`. Where a newer document is stored, nothing matches and the insert meets
the `_id`: a duplicate key, which means "you are late" and is dropped. In bulk the first of them ends an ordered batch,
so what comes after is sent again, without all that is late too: a replay costs three calls, not one for each write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import DeleteOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from shared.documents import Collection, Conflict, DocumentsUnavailable, Drop, Write
from shared.stores.mongo_driver import Found, refused, translated
from shared.stores.mongo_shape import Frozen, freeze, identity, patching, require_fitting, sizes, whole

CHUNK, CHUNK_BYTES = 500, 16 << 20
RACES = 100
DUPLICATE = 11000
LARGE = 64 << 10

Request = DeleteOne | ReplaceOne[Found] | UpdateOne


@dataclass(frozen=True, slots=True)
class Op:
    """One write. Without `seq` it is never late: a drop, or what is written over one certain version."""

    id: str
    seq: int | None
    request: Request
    frozen: Frozen | None = None
    patch: bool = False


def plan(collection: Collection, writes: Sequence[Write]) -> list[Op]:
    """What is to be done, in order. Raises TypeError, DocumentTooLarge."""
    return [_op(collection, write, identity(write.desk, write.key)) for write in writes]


def _op(collection: Collection, write: Write, one: str) -> Op:
    only: Found = {"_id": one} if write.over is None else {"_id": one, "seq": write.over}
    if isinstance(write, Drop):
        return Op(one, None, DeleteOne(only))
    frozen = freeze(collection, write.seq, write.body, patch=write.patch)
    guarded = write.over is None
    match: Found = {"_id": one, "seq": {"$lt": write.seq}} if guarded else only
    request: Request
    if write.patch:
        request = UpdateOne(match, patching(collection, write.desk, write.key, frozen), upsert=guarded)
    else:
        request = ReplaceOne(match, whole(collection, write.desk, write.key, frozen), upsert=guarded)
    return Op(one, write.seq if guarded else None, request, frozen, write.patch)


async def execute(into: AsyncCollection[Found], ops: Sequence[Op]) -> None:
    """Do them in order. Raises Conflict, DocumentTooLarge, DocumentsUnavailable."""
    for chunk in _chunks(ops):
        left, races = chunk, 0
        while left:
            fault = await _send(into, left)
            if fault is None:
                break
            left = left[fault["index"] :]
            first, left = left[0], await _without_late(into, left)
            if not left or left[0] is not first:
                continue
            if not fault["errmsg"].partition(" dup key")[0].endswith(" _id_"):
                raise Conflict("a field that must be unique is taken")
            # Somebody else has just written an older one in between: the next try finds it.
            races += 1
            if races > RACES:
                raise DocumentsUnavailable("a document is written by too many at once")


async def require_fitting_merged(into: AsyncCollection[Found], ops: Sequence[Op]) -> None:
    """Raises DocumentTooLarge if a large patch would make its document too large.

    Many small ones may pass 12 MiB unseen; MongoDB itself stops at 16.
    """
    for one in {op.id for op in ops if op.patch and op.frozen and op.frozen.size > LARGE}:
        with translated():
            found = await into.find_one({"_id": one})
        seq, state = (found["seq"], sizes(found)) if found else (None, {})
        for op in ops:
            if op.id != one or (op.seq is not None and seq is not None and seq >= op.seq):
                continue
            added = op.frozen.sizes if op.frozen else {}
            seq = op.frozen.seq if op.frozen else None
            state = {**state, **added} if op.patch else added
            require_fitting(sum(state.values()))


async def _send(into: AsyncCollection[Found], ops: Sequence[Op]) -> dict[str, Any] | None:
    """All of them, or the first duplicate key, with its index. Raises what else may go wrong."""
    try:
        with translated():
            await into.bulk_write([op.request for op in ops], ordered=True)
    except BulkWriteError as error:
        faults = error.details.get("writeErrors") or []
        if not faults:
            raise DocumentsUnavailable("MongoDB could not make a write durable in time") from None
        first: dict[str, Any] = min(faults, key=lambda fault: fault["index"])
        if first["code"] != DUPLICATE:
            raise refused(first["code"]) from None
        return first
    return None


async def _without_late(into: AsyncCollection[Found], ops: Sequence[Op]) -> list[Op]:
    """Those that a stored document is not ahead of. What follows a drop of its key is never late."""
    with translated():
        rows = await into.find({"_id": {"$in": [*{op.id for op in ops}]}}, {"seq": 1}).to_list(None)
    stored = {row["_id"]: row["seq"] for row in rows}
    left = []
    for op in ops:
        if op.seq is None:
            stored.pop(op.id, None)
        elif op.id in stored and stored[op.id] >= op.seq:
            continue
        left.append(op)
    return left


def _chunks(ops: Sequence[Op]) -> Iterator[list[Op]]:
    chunk: list[Op] = []
    size = 0
    for op in ops:
        chunk.append(op)
        size += op.frozen.size if op.frozen else 0
        if len(chunk) == CHUNK or size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    yield chunk
