"""A desk with very many open clocks: lateness, checkpoints into MongoDB, stop and start of who keeps the state."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from services.verbs.embedded import COLLECTIONS
from shared.catalogue.topics import DESK
from shared.checkpoints import Checkpoints
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import MongoAddress
from tests.bench.commands import open_clocks
from tests.bench.figures import Figure
from tests.bench.kafka.bare import bare_append
from tests.bench.kafka.deciding import breaches, late
from tests.bench.kafka.living_fleet import LivingFleet
from tests.bench.kafka.scene import Scene
from tests.bench.kafka.seeding import seed
from tests.bench.pauses import longest_pause

KEEPERS = ("router", "sla", "projector")
"""Processes whose state, or whose documents, grow with the desk."""
EMPTY = "with a fresh desk"


@dataclass(frozen=True, slots=True)
class Away:
    """Seconds a process took to end after SIGTERM, and to be ready again."""

    stop: float
    start: float


async def measure_large(scene: Scene) -> list[Figure]:
    """A desk with very many open clocks: lateness, what checkpoints into the database stop, how long those that keep the
    state take to stop and to be ready again, and the router without its checkpoint, from the facts alone."""
    desk, bare = scene.desk, await bare_append(scene)
    fresh = {name: await asyncio.to_thread(_away, desk, name) for name in KEEPERS}
    async with scene.outside(desk) as outside:
        rate = await seed(scene, outside, scene.size.tickets)
        partition = await outside.partition()
        clocks = await open_clocks(outside.broker, partition)
        lateness = late(await breaches(scene, desk, outside), f"{clocks:,}", bare)
        await outside.until_still(scene.size.limit)
        facts = await outside.count(DESK.name)
    pauses, memory = await asyncio.to_thread(_pauses, desk), desk.memory()
    full = {name: await asyncio.to_thread(_away, desk, name) for name in KEEPERS}
    scene.say(f"stopped and started again: {', '.join(KEEPERS)}")
    anew = await _without_checkpoint(desk, partition)
    return [
        Figure(f"{scene.size.tickets:,} tickets through the log and all services", rate, "tickets/s"),
        *lateness,
        *(Figure(f"checkpoint pause at most, {name}", value, "ms", aim="≤ 50") for name, value in pauses.items()),
        *(Figure(f"memory, {name}", memory[name], "MiB", aim="≤ 300") for name in KEEPERS),
        *_aways(full, fresh),
        Figure(
            f"router without a checkpoint, from {facts:,} facts, until ready", anew, "s",
            full["router"].start, "with its checkpoint",
        ),
    ]  # fmt: skip


def _aways(full: Mapping[str, Away], fresh: Mapping[str, Away]) -> list[Figure]:
    figures = []
    for name, away in full.items():
        figures.append(Figure(f"clean stop, {name}", away.stop, "s", fresh[name].stop, EMPTY, "≤ 30"))
        figures.append(Figure(f"start until ready, {name}", away.start, "s", fresh[name].start, EMPTY))
    return figures


def _away(desk: LivingFleet, name: str) -> Away:
    began = time.perf_counter()
    desk.stop(name)
    stopped = time.perf_counter()
    desk.start(name, f"{name}-0")
    desk.wait_until_it_answers(name)
    return Away(stopped - began, time.perf_counter() - stopped)


def _pauses(desk: LivingFleet) -> dict[str, float]:
    """By consumer, of those that saved since they were started."""
    found: dict[str, float] = {}
    for name in KEEPERS:
        found |= longest_pause(httpx2.get(f"http://127.0.0.1:{desk.watched[name]}/metrics", timeout=30).text)
    return {consumer: pause for consumer, pause in found.items() if pause}


async def _without_checkpoint(desk: LivingFleet, partition: int) -> float:
    """Seconds from the start of the router to its readiness."""
    await asyncio.to_thread(desk.stop, "router")
    where = MongoAddress(desk.settings["SANAD_MONGO_URL"], desk.settings["SANAD_MONGO_DATABASE"])
    documents = MongoDocuments(where, COLLECTIONS)
    try:
        await Checkpoints(documents).drop("router", partition)
    finally:
        await documents.close()
    began = time.perf_counter()
    await asyncio.to_thread(desk.start, "router", "router-0")
    await asyncio.to_thread(desk.wait_until_it_answers, "router")
    return time.perf_counter() - began
