"""Blobs: addressed by content, per desk, whole or not there."""

import asyncio
import hashlib
import random
from pathlib import Path

import pytest

from shared.blobs import BLOBS, PART_BYTES, PARTS, BlobDamaged, BlobMissing, Blobs, BlobTooLarge
from shared.documents import Documents, Drop, Put
from tests.contracts.ports.adapters import Stores
from tests.contracts.ports.conftest import COLLECTIONS

pytestmark = pytest.mark.anyio


@pytest.fixture
def blobs(documents: Documents) -> Blobs:
    return Blobs(documents)


@pytest.mark.parametrize("length", [0, 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 7])
async def test_content_comes_back_under_its_hash(blobs: Blobs, length: int) -> None:
    content = random.Random(length).randbytes(length)
    blob = await blobs.put("desk", content)
    assert blob == hashlib.sha256(content).hexdigest()
    assert await blobs.get("desk", blob) == content
    assert await blobs.size("desk", blob) == length


async def test_the_same_content_is_stored_once(blobs: Blobs, documents: Documents) -> None:
    ids = await asyncio.gather(*(blobs.put("desk", b"same") for _ in range(10)))
    assert len(set(ids)) == 1
    assert await documents.of("desk").count(PARTS.name) == 1


async def test_a_blob_of_one_desk_is_not_there_for_another(blobs: Blobs) -> None:
    blob = await blobs.put("one", b"secret")
    assert await blobs.size("two", blob) is None
    with pytest.raises(BlobMissing):
        await blobs.get("two", blob)
    await blobs.put("two", b"secret")
    await blobs.drop("one", blob)
    assert await blobs.get("two", blob) == b"secret"


async def test_an_erased_blob_is_gone_and_can_come_back(blobs: Blobs, documents: Documents) -> None:
    blob = await blobs.put("desk", b"erase me")
    await blobs.drop("desk", blob)
    await blobs.drop("desk", blob)
    with pytest.raises(BlobMissing):
        await blobs.get("desk", blob)
    assert await documents.of("desk").count(PARTS.name) == 0
    assert await blobs.put("desk", b"erase me") == blob
    assert await blobs.get("desk", blob) == b"erase me"


async def test_too_large_is_refused_before_anything_is_stored(documents: Documents) -> None:
    blobs = Blobs(documents, most=10)
    await blobs.put("desk", b"0123456789")
    with pytest.raises(BlobTooLarge):
        await blobs.put("desk", b"0123456789a")
    assert await documents.of("desk").count(BLOBS.name) == 1


@pytest.mark.parametrize("content", [b"other", None])
async def test_damage_is_noticed(blobs: Blobs, documents: Documents, content: bytes | None) -> None:
    blob = await blobs.put("desk", b"right")
    key = f"{blob}/0"
    damage = Drop(PARTS.name, "desk", key) if content is None else Put(PARTS.name, "desk", key, 9, {"content": content})
    await documents.write([damage])
    with pytest.raises(BlobDamaged):
        await blobs.get("desk", blob)


async def test_a_blob_half_written_before_a_crash_is_not_there_and_can_be_written_again(
    blobs: Blobs, documents: Documents
) -> None:
    content = b"x" * (PART_BYTES + 1)
    blob = hashlib.sha256(content).hexdigest()
    await documents.write([Put(PARTS.name, "desk", f"{blob}/0", 1, {"content": content[:PART_BYTES]})])
    assert await blobs.size("desk", blob) is None
    assert await blobs.put("desk", content) == blob
    assert await blobs.get("desk", blob) == content


async def test_blobs_outlive_a_restart(stores: Stores, tmp_path: Path) -> None:
    first = stores.open(tmp_path, COLLECTIONS)
    blob = await Blobs(first).put("desk", b"kept")
    await first.close()
    second = stores.open(tmp_path, COLLECTIONS)
    assert await Blobs(second).get("desk", blob) == b"kept"
    await second.close()
