"""Blobs: raw mail and attachments, content-addressed per desk, durable before the record that names them."""

import asyncio
import hashlib
from collections.abc import Sequence

from shared.documents import Collection, Documents, Drop, Put

BLOBS = Collection("blobs")
PARTS = Collection("blob_parts")
COLLECTIONS = (BLOBS, PARTS)

MAX_BLOB_BYTES = 64 << 20
PART_BYTES = 4 << 20


class BlobTooLarge(Exception):
    """The content exceeds the limit and will never be accepted."""


class BlobMissing(Exception):
    """No such blob: it was never stored, or was erased."""


class BlobDamaged(Exception):
    """What is stored is not what its id says: the store lost or changed bytes."""


class Blobs:
    """Bytes by their SHA-256. What they are (media type, file name) is known by whoever refers to them."""

    def __init__(self, documents: Documents, most: int = MAX_BLOB_BYTES) -> None:
        self._documents = documents
        self._most = most

    async def put(self, desk: str, content: bytes) -> str:
        """Store and return the id; durable when it returns. The same content again is the same blob.

        Raises BlobTooLarge, DocumentsUnavailable.
        """
        if len(content) > self._most:
            raise BlobTooLarge(f"{len(content)} bytes; the limit is {self._most}")
        blob = await asyncio.to_thread(_digest, content)
        if await self.size(desk, blob) is not None:
            return blob
        parts = range(0, len(content), PART_BYTES)
        for number, begin in enumerate(parts):
            part = {"content": content[begin : begin + PART_BYTES]}
            await self._documents.write([Put(PARTS.name, desk, f"{blob}/{number}", 1, part)])
        # Last, so that a blob that is known is whole.
        await self._documents.write([Put(BLOBS.name, desk, blob, 1, {"size": len(content), "parts": len(parts)})])
        return blob

    async def size(self, desk: str, blob: str) -> int | None:
        """Bytes of a stored blob, or None."""
        found = await self._documents.of(desk).get(BLOBS.name, blob)
        return int(found.body["size"]) if found else None

    async def sizes(self, desk: str, blobs: Sequence[str]) -> dict[str, int]:
        """Bytes of those of them that are stored."""
        found = await self._documents.of(desk).get_many(BLOBS.name, blobs)
        return {blob: int(document.body["size"]) for blob, document in found.items()}

    async def get(self, desk: str, blob: str) -> bytes:
        """The content. Raises BlobMissing, BlobDamaged, DocumentsUnavailable."""
        found = await self._documents.of(desk).get(BLOBS.name, blob)
        if found is None:
            raise BlobMissing(blob)
        keys = [f"{blob}/{number}" for number in range(found.body["parts"])]
        parts = await self._documents.of(desk).get_many(PARTS.name, keys)
        content = b"".join(parts[key].body["content"] for key in keys if key in parts)
        if await asyncio.to_thread(_digest, content) == blob:
            return content
        if await self.size(desk, blob) is None:
            raise BlobMissing(blob)
        raise BlobDamaged(blob)

    async def drop(self, desk: str, blob: str) -> None:
        """Erase. Dropping a missing one is no error."""
        found = await self._documents.of(desk).get(BLOBS.name, blob)
        if found is not None:
            await self._documents.write([Drop(BLOBS.name, desk, blob)])
            parts = range(found.body["parts"])
            await self._documents.write([Drop(PARTS.name, desk, f"{blob}/{number}") for number in parts])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
