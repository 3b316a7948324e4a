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

from shared.documents import Collection, Conflict, DocumentsUnavailable, Drop, Put, Write
from shared.stores.mongo_driver import Found, refused, translated
from shared.stores.mongo_shape import Frozen, freeze, identity, patching, require_fitting, sizes, whole

CHUNK, CHUNK_BYTES = 500, 16 << 20
RACES = 100
DUPLICATE = 11000
LARGE = 64 << 10

Request = DeleteOne | ReplaceOne[Found] | UpdateOne


@dataclass(frozen=True, slots=True)
class Op:
    """One write. Without `seq` it is done whatever is stored: a drop, or what follows its drop at once."""

    id: str
    seq: int | None
    request: Request
    frozen: Frozen | None = None
    patch: bool = False


def plan(collection: Collection, writes: Sequence[Write]) -> list[Op]:
    """What is to be done, in order. Raises TypeError, DocumentTooLarge.

    Drop and put of one key side by side become one replacement, so that nobody sees the place empty (rebuilds).
    """
    ops: list[Op] = []
    for write in writes:
        one = identity(write.desk, write.key)
        if isinstance(write, Drop):
            ops.append(Op(one, None, DeleteOne({"_id": one})))
            continue
        after_drop = bool(ops) and ops[-1].id == one and ops[-1].frozen is None
        frozen = freeze(collection, write.seq, write.body, patch=write.patch and not after_drop)
        ops = ops[:-1] if after_drop else ops
        ops.append(_put(collection, write, one, frozen, after_drop=after_drop))
    return ops


def _put(collection: Collection, put: Put, one: str, frozen: Frozen, *, after_drop: bool) -> Op:
    guard = {"_id": one, "seq": {"$lt": put.seq}}
    if put.patch and not after_drop:
        update = UpdateOne(guard, patching(collection, put.desk, put.key, frozen), upsert=True)
        return Op(one, put.seq, update, frozen, patch=True)
    replacement = whole(collection, put.desk, put.key, frozen)
    if after_drop:
        return Op(one, None, ReplaceOne({"_id": one}, replacement, upsert=True), frozen)
    return Op(one, put.seq, ReplaceOne(guard, replacement, upsert=True), frozen)


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
