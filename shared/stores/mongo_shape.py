"""A document as MongoDB keeps it.

_id       <desk>/<key>
desk      the desk
seq       what it reflects
body      each top-level field as JSON text under its escaped name: nothing BSON knows otherwise is lost, and a
patch sets some of them without reading the others
content   the field of that name, when it is bytes
by        indexed fields as values; null ones are absent
one       fields of unique sets as values, null ones as a value of its own, which never collides
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import orjson

from shared.documents import MAX_DOCUMENT_BYTES, Body, Collection, Document, DocumentTooLarge, Scalar
from shared.stores.declared import CONTENT, extract

Found = dict[str, Any]
EMPTY_NAME = "%"
ESCAPED = str.maketrans({character: f"%{ord(character):02X}" for character in "%.$\0"})
NAMES = 4096
QUOTES, BRACES = 4, 2  # of JSON, with colon and comma


@dataclass(frozen=True, slots=True)
class Frozen:
    """A body, checked and ready to be sent."""

    seq: int
    fields: dict[str, str]
    content: bytes | None
    values: dict[str, Scalar]
    size: int = 0

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each field; of `content` too when it is bytes."""
        own = {name: len(name) + len(text.encode()) + QUOTES for name, text in self.fields.items()}
        return own if self.content is None else {**own, CONTENT: len(self.content)}


def freeze(collection: Collection, seq: int, body: Body, *, patch: bool = False) -> Frozen:
    """Check a body. Of a patch only the indexed fields it names count. Raises TypeError, DocumentTooLarge."""
    content = body.get(CONTENT)
    raw = content if isinstance(content, bytes) else None
    fields: dict[str, str] = {}
    size = len(raw or b"")
    for name, value in body.items():
        if raw is None or name != CONTENT:
            escaped, text = escape(name), orjson.dumps(value)
            fields[escaped] = text.decode()
            size += len(escaped) + len(text) + QUOTES
    require_fitting(size)
    values = dict(zip(collection.indexed, extract(collection, body), strict=True))
    if patch:
        values = {name: value for name, value in values.items() if name in body}
    return Frozen(seq, fields, raw, values, size)


def require_fitting(size: int) -> None:
    """Raises DocumentTooLarge."""
    if size + BRACES > MAX_DOCUMENT_BYTES:
        raise DocumentTooLarge(f"{size + BRACES} bytes; the limit is {MAX_DOCUMENT_BYTES}")


def identity(desk: str, key: str) -> str:
    """The `_id` of a document."""
    return f"{desk}/{key}"


def whole(collection: Collection, desk: str, key: str, frozen: Frozen) -> Found:
    """All that is stored."""
    one = identity(desk, key)
    present = {name: value for name, value in frozen.values.items() if value is not None}
    stored: Found = {"_id": one, "desk": desk, "seq": frozen.seq, "body": frozen.fields, "by": present}
    if frozen.content is not None:
        stored[CONTENT] = frozen.content
    if unique := unique_fields(collection):
        stored["one"] = {name: unique_value(one, frozen.values.get(name)) for name in unique}
    return stored


def patching(collection: Collection, desk: str, key: str, frozen: Frozen) -> Found:
    """The update that sets these fields and keeps the others."""
    one = identity(desk, key)
    setting: Found = {"seq": frozen.seq, "desk": desk}
    unsetting: Found = {}
    setting |= {f"body.{name}": text for name, text in frozen.fields.items()}
    for name, value in frozen.values.items():
        if value is None:
            unsetting[f"by.{name}"] = ""
        else:
            setting[f"by.{name}"] = value
    if frozen.content is not None:
        setting[CONTENT] = frozen.content
        unsetting[f"body.{CONTENT}"] = ""
    elif CONTENT in frozen.fields:
        unsetting[CONTENT] = ""
    unique = unique_fields(collection)
    setting |= {f"one.{name}": unique_value(one, frozen.values[name]) for name in unique if name in frozen.values}
    inserting = {f"one.{name}": unique_value(one, None) for name in unique if name not in frozen.values}
    parts = {"$set": setting, "$unset": unsetting, "$setOnInsert": inserting}
    return {operator: fields for operator, fields in parts.items() if fields}


def document(found: Found) -> Document:
    """What was put."""
    body = {unescape(name): orjson.loads(text) for name, text in found.get("body", {}).items()}
    if CONTENT in found:
        body[CONTENT] = bytes(found[CONTENT])
    return Document(found["_id"][len(found["desk"]) + 1 :], found["seq"], body)


def sizes(found: Found) -> dict[str, int]:
    """Bytes of each stored field, as in Frozen."""
    return Frozen(0, found.get("body", {}), found.get(CONTENT), {}).sizes


def unique_fields(collection: Collection) -> list[str]:
    """Fields of unique sets."""
    return sorted({field for fields in collection.unique for field in fields})


def unique_value(one: str, value: Scalar) -> Any:
    """A null makes the whole set its document's own: there are no partial indexes on all servers."""
    return {"of": one} if value is None else value


@lru_cache(NAMES)
def escape(name: str) -> str:
    """A field's name without what paths are made of. Raises TypeError."""
    if not isinstance(name, str):
        raise TypeError(f"a field is named by text, not by {type(name).__name__}")
    return name.translate(ESCAPED) or EMPTY_NAME


@lru_cache(NAMES)
def unescape(name: str) -> str:
    return "" if name == EMPTY_NAME else unquote(name)
