"""The chunks of a checkpoint: compressed, cut into parts a document can hold, and collected when nobody needs them."""

import asyncio
import hashlib
import zlib
from collections.abc import Collection as Keys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shared.documents import Collection, Conflict, Document, Documents, Drop, Put, by

CHUNKS = Collection("checkpoint_chunks")
SAVES = Collection("checkpoint_saves", indexed=("of",))
PART_BYTES = 8 << 20
GROUP_BYTES = 2 << 20
GROUP_CHUNKS = 200

Entry = dict[str, Any]
"""A chunk in a manifest: the keys of its parts, the SHA-256 and the length of them together."""


class Torn(Exception):
    """A chunk is missing or is not what was written."""


@dataclass(frozen=True, slots=True)
class Pack:
    """New chunks ready to be written: parts by key, and their entries in the manifest."""

    save: str
    parts: dict[str, bytes]
    entries: dict[str, Entry]

    @classmethod
    def of(cls, save: str, chunks: Mapping[str, bytes]) -> "Pack":
        """Compress and cut; slow for large states, so call it off the event loop."""
        parts: dict[str, bytes] = {}
        entries: dict[str, Entry] = {}
        for name, content in chunks.items():
            packed = zlib.compress(content, 1)
            keys = []
            for begin in range(0, len(packed), PART_BYTES):
                keys.append(part_key(save, len(parts)))
                parts[keys[-1]] = packed[begin : begin + PART_BYTES]
            entries[name] = {"parts": keys, "sum": hashlib.sha256(packed).hexdigest(), "size": len(packed)}
        return cls(save, parts, entries)


def part_key(save: str, number: int) -> str:
    """Where a part of a save lies."""
    return f"{save}/{number}"


async def write_parts(documents: Documents, pack: Pack) -> None:
    """All parts, a few at a time: other writers come in between."""
    puts: list[Put] = []
    size = 0
    for key, content in pack.parts.items():
        puts.append(Put(CHUNKS.name, "", key, 1, {"content": content}))
        size += len(content)
        if size >= GROUP_BYTES:
            await documents.write(puts)
            puts, size = [], 0
    await documents.write(puts)


async def read_chunks(documents: Documents, entries: Mapping[str, Entry]) -> dict[str, bytes]:
    """Chunks as they were given. Raises Torn."""
    chunks: dict[str, bytes] = {}
    group: dict[str, Entry] = {}
    for name, entry in entries.items():
        group[name] = entry
        if sum(one["size"] for one in group.values()) >= GROUP_BYTES or len(group) == GROUP_CHUNKS:
            chunks |= await _read_group(documents, group)
            group = {}
    return chunks | await _read_group(documents, group)


async def _read_group(documents: Documents, entries: Mapping[str, Entry]) -> dict[str, bytes]:
    keys = [key for entry in entries.values() for key in entry["parts"]]
    parts = await documents.of("").get_many(CHUNKS.name, keys)
    return await asyncio.to_thread(_unpack, entries, parts)


def _unpack(entries: Mapping[str, Entry], parts: Mapping[str, Document]) -> dict[str, bytes]:
    chunks = {}
    for name, entry in entries.items():
        if not parts.keys() >= set(entry["parts"]):
            raise Torn
        packed = b"".join(parts[key].body["content"] for key in entry["parts"])
        if hashlib.sha256(packed).hexdigest() != entry["sum"]:
            raise Torn
        chunks[name] = zlib.decompress(packed)
    return chunks


async def record_save(documents: Documents, place: str, offset: int, pack: Pack) -> None:
    """Say which parts will lie under a save id before writing any: what a crash leaves behind can be found."""
    body = {"of": place, "offset": offset, "left": list(range(len(pack.parts)))}
    await documents.of("").replace(SAVES.name, pack.save, body, None)


async def drop_parts(documents: Documents, pack: Pack) -> None:
    """Delete what was written of a pack. Whoever overtook it may have collected its record before its parts were there."""
    parts = [Drop(CHUNKS.name, "", key) for key in pack.parts]
    await documents.write([*parts, Drop(SAVES.name, "", pack.save)])


async def drop_save(documents: Documents, save: Document, needed: Keys[str] = ()) -> None:
    """Delete a save's parts but the needed ones; its record goes with the last of them."""
    still = [number for number in save.body["left"] if part_key(save.key, number) in needed]
    gone = [number for number in save.body["left"] if part_key(save.key, number) not in needed]
    await documents.write([Drop(CHUNKS.name, "", part_key(save.key, number)) for number in gone])
    if not still:
        await documents.write([Drop(SAVES.name, "", save.key)])
    elif gone:
        with suppress(Conflict):  # Another process collects too.
            await documents.of("").replace(SAVES.name, save.key, {**save.body, "left": still}, save.seq)


async def collect(documents: Documents, place: str, kept: Iterable[Mapping[str, Any]], older: int | None) -> None:
    """Delete the parts of saves at an offset below `older` (None: of all) that no kept manifest refers to."""
    needed = {key for manifest in kept for entry in manifest["chunks"].values() for key in entry["parts"]}
    after = None
    while True:
        page = await documents.of("").page(SAVES.name, where=by(of=place), after=after, limit=200)
        for save in page.documents:
            if older is None or save.body["offset"] < older:
                await drop_save(documents, save, needed)
        if (after := page.next) is None:
            return
