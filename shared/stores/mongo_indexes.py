"""What MongoDB must have before a desk runs on it: indexes, and the values they are made of in older documents.

Idempotent, and safe while desks run. A record says for which declarations it was done; a process that needs more
refuses to start, because without its index a unique set is not unique.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import orjson
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from shared.documents import Collection, Conflict
from shared.stores.mongo_driver import Found, translated
from shared.stores.mongo_shape import unique_fields, unique_value

PREFIX = "documents_"
RECORD = "indexes"
DONE = {"_id": "done"}
OWN = "_id_"

Keys = list[tuple[str, int]]


class NotPrepared(Exception):
    """Indexes are missing: run `python -m services indexes` first."""


def wanted(collection: Collection) -> dict[str, Keys]:
    """All indexes of a collection by name. Those of unique sets begin with `unique `."""
    fields = {f"by {field}": [("desk", 1), (f"by.{field}", 1), ("_id", 1)] for field in collection.indexed}
    unique = {
        f"unique {' '.join(names)}": [("desk", 1), *((f"one.{name}", 1) for name in names)]
        for names in collection.unique
    }
    return {"by key": [("desk", 1), ("_id", 1)], **fields, **unique}


async def require_prepared(database: AsyncDatabase[Found], collections: Sequence[Collection]) -> None:
    """Raises NotPrepared."""
    with translated():
        record = await database[RECORD].find_one(DONE) or {}
    done: Mapping[str, list[str]] = record.get("collections", {})
    lacking = sorted(one.name for one in collections if not set(wanted(one)) <= set(done.get(one.name, ())))
    if lacking:
        raise NotPrepared(f"indexes are missing for {', '.join(lacking)}: run `python -m services indexes` first")


async def prepare(database: AsyncDatabase[Found], collections: Sequence[Collection]) -> AsyncIterator[str]:
    """Make them, a line for each change; then drop those nobody wants any longer. Raises Conflict.

    Conflict: documents that are to be unique are not.
    """
    for collection in collections:
        into = database[PREFIX + collection.name]
        with translated():
            present = {name for name in await into.index_information() if name != OWN}
        asked = wanted(collection)
        # not only for fresh ones: a process that is older than an index writes whole documents without its values
        if filled := await _fill(into, collection):
            yield f"{collection.name}: {filled} documents filled"
        for name in [name for name in asked if name not in present]:
            await _create(into, collection, name, asked[name])
            yield f"{collection.name}: index {name!r} made"
        for name in sorted(present - set(asked)):
            with translated():
                await into.drop_index(name)
            yield f"{collection.name}: index {name!r} dropped"
    done = {f"collections.{one.name}": list(wanted(one)) for one in collections}
    with translated():
        await database[RECORD].update_one(DONE, {"$set": done}, upsert=True)


async def _create(into: AsyncCollection[Found], collection: Collection, name: str, keys: Keys) -> None:
    try:
        with translated():
            await into.create_index(keys, name=name, unique=name.startswith("unique "))
    except (Conflict, DuplicateKeyError):
        raise _not_unique(collection) from None


async def _fill(into: AsyncCollection[Found], collection: Collection) -> int:
    """Give documents written without the value of an indexed field theirs. Returns how many it were.

    The server looks for them: where nothing lacks, nothing is sent.
    """
    filled = 0
    if not (choices := _unfilled(collection)):
        return filled
    try:
        with translated():
            async for found in into.find({"$or": choices}, {"content": 0}):
                if changes := _lacking(collection, found):
                    await into.update_one({"_id": found["_id"], "seq": found["seq"]}, {"$set": changes})
                    filled += 1
    except (Conflict, DuplicateKeyError):
        raise _not_unique(collection) from None
    return filled


def _not_unique(collection: Collection) -> Conflict:
    return Conflict(f"{collection.name} holds documents that are to be unique and are not")


def _unfilled(collection: Collection) -> list[Found]:
    """What to look for: any of these holds of a document that lacks a value. A null has none to lack, but in unique sets."""
    by = [{f"body.{name}": {"$nin": [None, "null"]}, f"by.{name}": None} for name in collection.indexed]
    return [*by, *({f"one.{name}": None} for name in unique_fields(collection))]


def _lacking(collection: Collection, found: Found) -> dict[str, Any]:
    body, values, one = found.get("body", {}), found.get("by", {}), found.get("one", {})
    read = {name: orjson.loads(body[name]) for name in collection.indexed if name in body}
    by = {f"by.{name}": value for name, value in read.items() if value is not None and name not in values}
    alone = {
        f"one.{name}": unique_value(found["_id"], read.get(name))
        for name in unique_fields(collection)
        if name not in one
    }
    return by | alone
