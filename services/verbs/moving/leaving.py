"""A desk leaves: sealed, run until it is still, written down. It stays sealed and says where it went."""

import uuid
from pathlib import Path
from typing import Any

import orjson

from services.verbs.moving.archive import Unfit, Writing
from services.verbs.moving.cargo import CARRIED, carried, write_document
from services.verbs.moving.facts import TOPICS, facts, is_delivery, write_fact
from services.verbs.moving.manifest import SECRETS_NAME
from services.verbs.moving.pages import Pages
from services.verbs.moving.stillness import Told, settle
from shared.blobs import BLOBS, Blobs
from shared.clock import SECOND, Ms
from shared.documents import Collection
from shared.moves import LOOK_EVERY, Movement, Movements, Seal
from shared.secrets import told_secrets
from shared.service import Ports

TELL_EVERY = 20_000


async def leave(ports: Ports, desk: str, path: Path, to: str, told: Told) -> dict[str, Any]:
    """Write the desk's export to `path`; returns its manifest. Raises Unfit; OSError, and the desk stays sealed.

    It may be repeated: who is sealed already is only written down again.
    """
    writing = Writing(path)
    try:
        movement = await seal_off(ports, desk, to, told)
        await settle(ports, int(movement.place["partition"]), told)
        manifest = await Leaving(ports, desk, movement, writing, told).write()
        writing.finish(manifest)
    except BaseException:
        writing.abandon()
        raise
    seal = Seal("left", ports.clock.now(), to)
    await Movements(ports.documents).note(desk, movement, movement.place, seal, movement.arrival)
    return manifest


async def unseal(ports: Ports, desk: str) -> None:
    """Take it back: the desk goes on here. Raises Unfit."""
    movements = Movements(ports.documents)
    movement = await known(movements, desk)
    if movement.seal and movement.seal.reason == "arriving":
        raise Unfit(f"the desk {desk} is not whole: run its import again")
    if movement.seal:
        await movements.note(desk, movement, movement.place, None, movement.arrival)


async def known(movements: Movements, desk: str) -> Movement:
    """What is noted of a desk that is here. Raises Unfit."""
    if (movement := await movements.find(desk)) is None:
        there = ", ".join(await movements.all()) or "none"
        raise Unfit(f"there is no desk {desk} here; there are: {there}")
    return movement


async def seal_off(ports: Ports, desk: str, to: str, told: Told) -> Movement:
    """From now on nothing is taken for it, and what was being taken is in the log. Raises Unfit."""
    movements = Movements(ports.documents)
    movement = await known(movements, desk)
    for name, other in (await movements.all()).items():
        # its facts are half there: nothing of their partition may be folded before the rest
        if other.seal and other.seal.reason == "arriving":
            raise Unfit(f"the desk {name} is not whole: run its import again")
    if movement.seal is None:
        seal = Seal("leaving", ports.clock.now(), to)
        movement = await movements.note(desk, movement, movement.place, seal, movement.arrival)
    if movement.seal and ports.settings.engine == "kafka":
        # doors may still run; an export that was cut short may not have waited for them
        longest = _in_flight()
        if (rest := min(longest, movement.seal.at + longest - ports.clock.now())) > 0:
            told("seconds until no door takes anything any more", rest // SECOND)
            await ports.clock.sleep(rest)
    return movement


def _in_flight() -> Ms:
    """How long after a seal a door may still append: it has looked just before, or looks now and the store is slow; then
    its records wait for those before them no longer than the log's patience, a producer is started, and a batch is given
    twice that patience."""
    from shared.brokers.kafka_address import PATIENCE as PATIENCE_OF_LOG  # its library is slow to import
    from shared.stores.mongo_address import PATIENCE as PATIENCE_OF_STORE

    return LOOK_EVERY + PATIENCE_OF_STORE + 4 * PATIENCE_OF_LOG


class Leaving:
    """One export being written."""

    def __init__(self, ports: Ports, desk: str, movement: Movement, writing: Writing, told: Told) -> None:
        self._ports, self._desk, self._movement, self._writing, self._told = ports, desk, movement, writing, told
        self._partition = int(movement.place["partition"])
        self._deliveries = 0

    async def write(self) -> dict[str, Any]:
        """All of it but the manifest, which is returned."""
        self._writing.add(SECRETS_NAME, orjson.dumps(told_secrets(self._ports.secrets)))
        counts = {topic: await self._facts(topic) for topic in TOPICS}
        blobs = await self._blobs()
        documents = {collection.name: await self._documents(collection) for collection in CARRIED}
        former = self._movement.arrival.logs if self._movement.arrival else {}
        logs = {topic: [await self._ports.broker.topic_id(topic), *former.get(topic, ())] for topic in TOPICS}
        return {
            "move": uuid.uuid4().hex, "desk": self._desk, "organisation": self._movement.place["organisation"],
            "exported_at": self._ports.clock.now(), "facts": counts, "documents": documents, "blobs": blobs,
            "deliveries": self._deliveries, "logs": logs,
        }  # fmt: skip

    async def _facts(self, topic: str) -> int:
        pages = Pages(self._writing, f"facts/{topic}")
        async for record in facts(self._ports.broker, topic, self._partition, self._desk):
            pages.add(write_fact(record))
            self._deliveries += is_delivery(record)
            self._tell(topic, pages.lines)
        pages.flush()
        return pages.lines

    async def _documents(self, collection: Collection) -> int:
        pages = Pages(self._writing, f"documents/{collection.name}")
        async for document in carried(self._ports.documents, self._desk, collection):
            pages.add(write_document(document))
            self._tell(collection.name, pages.lines)
        pages.flush()
        return pages.lines

    async def _blobs(self) -> int:
        count, after = 0, None
        blobs = Blobs(self._ports.documents)
        while True:
            page = await self._ports.documents.of(self._desk).page(BLOBS.name, after=after)
            for document in page.documents:
                self._writing.add(f"blobs/{document.key}", await blobs.get(self._desk, document.key))
                count += 1
                self._tell("blobs", count)
            if (after := page.next) is None:
                return count

    def _tell(self, what: str, count: int) -> None:
        if count % TELL_EVERY == 0:
            self._told(what, count)
