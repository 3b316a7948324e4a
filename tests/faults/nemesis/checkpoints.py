"""What a backup or a bad disk does to checkpoints: the one before, a torn one, none."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from services.verbs.embedded import COLLECTIONS
from shared.checkpoint_chunks import CHUNKS
from shared.checkpoints import MANIFESTS, Checkpoints
from shared.documents import Drop
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import MongoAddress
from tests.faults.fault import Fault, Strike
from tests.faults.house import DATABASE, House
from tests.faults.nemesis.brokers import PARTITION

NAMES = {
    "router": ("router",), "sla": ("sla",), "survey": ("survey", "survey-wordings", "survey-ended"),
    "projector": ("console", "clocks", "surveys", "texts", "texts-sent"), "ingest": ("ingest.outbox",),
}  # fmt: skip
"""Consumers by service."""
Spoil = Callable[[MongoDocuments, str], Awaitable[bool]]
"""Whether there was anything to spoil."""


async def restore_old(documents: MongoDocuments, name: str) -> bool:
    """The one before is the newest again, as after a restore."""
    place = f"{name}/{PARTITION}"
    stored = await documents.of("").get(MANIFESTS.name, place)
    if stored is None or stored.body["former"] is None:
        return False
    body = {**stored.body, "current": stored.body["former"], "former": None}
    await documents.of("").replace(MANIFESTS.name, place, body, stored.seq)
    return True


async def tear(documents: MongoDocuments, name: str) -> bool:
    """A part of the newest is gone that the one before does not have."""
    stored = await documents.of("").get(MANIFESTS.name, f"{name}/{PARTITION}")
    if stored is None or not stored.body["current"] or not stored.body["former"]:
        return False
    parts = {which: _parts(stored.body[which]) for which in ("current", "former")}
    own = sorted(parts["current"] - parts["former"])
    if own:
        await documents.write([Drop(CHUNKS.name, "", own[0])])
    return bool(own)


async def lose(documents: MongoDocuments, name: str) -> bool:
    saved = await Checkpoints(documents).load(name, PARTITION)
    await Checkpoints(documents).drop(name, PARTITION)
    return saved is not None


def _parts(manifest: dict[str, dict[str, dict[str, list[str]]]]) -> set[str]:
    return {part for entry in manifest["chunks"].values() for part in entry["parts"]}


def spoilt(spoil: Spoil) -> Strike:
    """While nobody of the service runs, who then begins with what there is."""

    async def strike(house: House, draw: random.Random) -> str | None:
        kind = draw.choice(list(NAMES))
        gone = house.of(kind)
        for member in gone:
            member.wanted = False
            house.kill(member)
        async with _documents(house) as documents:
            spoiled = [await spoil(documents, name) for name in NAMES[kind]]
        for member in gone:
            house.start(member)
        await house.ready(*(member.name for member in gone))
        await asyncio.sleep(draw.uniform(0, 1))
        return None if any(spoiled) else f"{kind} had not saved what could be spoiled"

    return strike


@asynccontextmanager
async def _documents(house: House) -> AsyncIterator[MongoDocuments]:
    documents = MongoDocuments(MongoAddress(house.mongo.address, DATABASE), COLLECTIONS)
    try:
        yield documents
    finally:
        await documents.close()


FAULTS = (
    Fault("checkpoints restored that are old", spoilt(restore_old), 1, 35),
    Fault("checkpoints torn", spoilt(tear), 1, 35),
    Fault("checkpoints lost", spoilt(lose), 1, 35),
)
