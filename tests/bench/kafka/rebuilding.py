"""What is built anew from the log alone."""

import asyncio
import time

from services.router.app import LOGIC
from services.router.desk.desk import Desk
from shared.catalogue.topics import DESK
from shared.decider import Decider
from tests.bench.figures import Figure
from tests.bench.kafka.living_fleet import LivingFleet
from tests.bench.kafka.outside import Outside, until
from tests.bench.kafka.scene import Scene
from tests.bench.kafka.seeding import seed

MANY = 1_000_000
AIM = "≤ 300"
BARE = "read and nothing more"


async def measure_rebuild(scene: Scene) -> list[Figure]:
    """From the log alone: the router's state from its facts, as after a lost checkpoint; all tickets' documents, built beside
    those shown and compared with them. What a million facts would take is extrapolated, its name says from how many."""
    desk = scene.desk
    async with scene.outside(desk) as outside:
        await seed(scene, outside, scene.size.rebuilt)
        partition = await outside.partition()
        facts = await outside.count(DESK.name)
        bare, _ = await _read(outside, partition, None)
        rate, spent = await _read(outside, partition, Decider(LOGIC, partition))
        scene.say(f"router's state from {facts:,} facts: {rate:,.0f} facts/s")
    began = time.perf_counter()
    with desk.weighing() as cost:
        await _documents(desk, scene.size.limit)
    took = time.perf_counter() - began
    return [
        *_rows("router's state", facts, rate, bare),
        Figure("router's state, CPU", spent, "CPU-µs a fact"),
        *_rows("documents, and compared", facts, facts / took, bare),
        Figure("documents, CPU", cost.by["projector"] / facts * 1e6, "CPU-µs a fact"),
    ]


def _rows(what: str, facts: int, rate: float, bare: float) -> list[Figure]:
    million = f"{what}: 1 M facts, extrapolated {MANY / facts:.1f}-fold from {facts:,}"
    return [
        Figure(f"{what} from {facts:,} facts", rate, "facts/s", bare, BARE),
        Figure(million, MANY / rate, "s", MANY / bare, BARE, AIM),
    ]


async def _documents(desk: LivingFleet, patience: float) -> None:
    path = "/v1/projections/console/rebuild"

    async def ended() -> bool:
        state = (await asyncio.to_thread(client.get, path)).json()["state"]
        if state == "failed":
            raise RuntimeError("the rebuild failed")
        return bool(state == "done")

    with desk.client() as client:
        client.post(path).raise_for_status()
        await until(ended, patience)


async def _read(outside: Outside, partition: int, fold: Decider[Desk] | None) -> tuple[float, float]:
    """Facts a second, and CPU microseconds each took here."""
    end = (await outside.ends(DESK.name))[DESK.name, partition]
    at, began, spent = 0, time.perf_counter(), time.process_time()
    while at < end:
        records = await outside.broker.read(DESK.name, partition, at)
        if fold is not None:
            for record in records:
                fold.recover(record)
        at = records[-1].offset + 1
    return end / (time.perf_counter() - began), (time.process_time() - spent) / end * 1e6
