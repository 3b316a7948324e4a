"""Checkpoints: a fold's state at an offset, on top of the documents (R4, faust.md section 6).

A checkpoint is a cache of the log. Chunks are immutable and lie under a random save id; one manifest, written last and
by compare and set, makes them the checkpoint. The manifest before is kept, in case a store lost what it promised.
"""

import asyncio
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shared.checkpoint_chunks import (
    CHUNKS,
    SAVES,
    Pack,
    Torn,
    collect,
    drop_parts,
    read_chunks,
    record_save,
    write_parts,
)
from shared.documents import Collection, Conflict, Document, Documents
from shared.logs import logger

MANIFESTS = Collection("checkpoints")
COLLECTIONS = (MANIFESTS, SAVES, CHUNKS)
FORMAT = 2
"""1: chunks of tables held rows; 2: columns, with rows still among those that were not changed since."""


class TornCheckpoint(Exception):
    """Chunks of every kept checkpoint are missing or damaged: the store lost what it had acknowledged."""


class NewerCheckpoint(Exception):
    """The checkpoint was written by a newer Sanad: upgrade this one."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state before the record at `offset` of the topic with that id, as the named chunks the fold gave."""

    offset: int
    topic_id: str
    chunks: dict[str, bytes]


class Checkpoints:
    """One checkpoint per (name, partition). Any number of processes may save: the newest offset stays."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._mine: dict[str, str] = {}

    async def load(self, name: str, partition: int) -> Checkpoint | None:
        """The newest whole checkpoint, or None. Raises TornCheckpoint, NewerCheckpoint, DocumentsUnavailable.

        One that does not fit its checksums is read again, then given up for the one before.
        """
        place = f"{name}/{partition}"
        for attempt in range(2):
            stored = await self._documents.of("").get(MANIFESTS.name, place)
            if stored is None or stored.body["current"] is None:
                return None
            if stored.body["format"] > FORMAT:
                raise NewerCheckpoint(f"the checkpoint of {place} has format {stored.body['format']}: upgrade Sanad")
            for manifest in ("current", "former")[: attempt + 1]:
                if stored.body[manifest] is not None:
                    try:
                        return await self._open(place, stored, manifest)
                    except Torn:
                        logger("checkpoints").warning("a checkpoint is torn", where=f"{place}, {manifest}")
        raise TornCheckpoint(f"no kept checkpoint of {place} is whole")

    async def save(
        self, name: str, partition: int, offset: int, topic_id: str, chunks: Mapping[str, bytes | None]
    ) -> bool:
        """Store a checkpoint unless a later one is stored; False then, and nothing of this one is left.

        None keeps a chunk of the checkpoint this process loaded or saved last; when another process saved since,
        False too: give every chunk the next time. Raises DocumentsUnavailable.
        """
        place = f"{name}/{partition}"
        desk = self._documents.of("")
        stored = await desk.get(MANIFESTS.name, place)
        current: dict[str, Any] = (stored.body["current"] if stored else None) or {}
        kept = [chunk for chunk, content in chunks.items() if content is None]
        if not self._may_follow(place, current, offset, topic_id, kept):
            return False
        save = uuid.uuid4().hex
        pack = await asyncio.to_thread(Pack.of, save, {name: new for name, new in chunks.items() if new is not None})
        await record_save(self._documents, place, offset, pack)
        await write_parts(self._documents, pack)
        entries = {chunk: pack.entries.get(chunk) or current["chunks"][chunk] for chunk in chunks}
        manifest = {"save": save, "offset": offset, "topic_id": topic_id, "chunks": entries}
        body = {"format": FORMAT, "current": manifest, "former": current or None}
        try:
            await desk.replace(MANIFESTS.name, place, body, stored.seq if stored else None)
        except Conflict:
            await drop_parts(self._documents, pack)
            return False
        self._mine[place] = save
        await collect(self._documents, place, [one for one in (manifest, current) if one], older=offset)
        return True

    async def drop(self, name: str, partition: int) -> None:
        """Forget a checkpoint, so that the next start begins without one."""
        place = f"{name}/{partition}"
        nothing: dict[str, Any] = {"format": FORMAT, "current": None, "former": None}
        stored = await self._documents.of("").get(MANIFESTS.name, place)
        if stored is not None:
            await self._documents.of("").replace(MANIFESTS.name, place, nothing, stored.seq)
            await collect(self._documents, place, [], older=None)

    def _may_follow(self, place: str, current: dict[str, Any], offset: int, topic_id: str, kept: list[str]) -> bool:
        if not current:
            return not kept
        if offset < current["offset"] or topic_id != current["topic_id"]:
            return False
        return not kept or (self._mine.get(place) == current["save"] and current["chunks"].keys() >= set(kept))

    async def _open(self, place: str, stored: Document, which: str) -> Checkpoint:
        """One of the kept checkpoints, whole, made the current one. Raises Torn."""
        manifest = stored.body[which]
        chunks = await read_chunks(self._documents, manifest["chunks"])
        if which != "current":
            repaired = {**stored.body, "current": manifest, "former": None}
            with suppress(Conflict):  # Another process has just saved a newer one.
                await self._documents.of("").replace(MANIFESTS.name, place, repaired, stored.seq)
        self._mine[place] = manifest["save"]
        return Checkpoint(manifest["offset"], manifest["topic_id"], chunks)
