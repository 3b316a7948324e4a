"""A service that was away comes back; and what is built anew from the log alone."""

import asyncio
import time
import uuid

from services.router.app import LOGIC
from services.router.desk.desk import Desk
from shared.catalogue.topics import DESK
from shared.clock import SystemClock
from shared.decider import Decider
from tests.bench.figures import Figure
from tests.bench.kafka.living_fleet import LivingFleet
from tests.bench.kafka.outside import Outside, until
from tests.bench.kafka.scene import Scene
from tests.bench.large import enveloped, message
from tests.bench.load import loading
from tests.bench.pipeline import FORM

AWAY = {"router": "router", "projector": "gateway"}
"""Processes that are stopped, and their groups."""
RATE = 20
"""Messages a second meanwhile."""
SOON = 2
"""A lag of what comes in so many seconds counts as none while messages come."""
RETURNS = 300
BATCH = 500
MOST_AHEAD = 20_000
AIM = "1 M ≤ 5 min: ≥ 3,334"


async def measure_recovery(scene: Scene) -> list[Figure]:
    """Customers write on while the process is away and while it catches up."""
    desk = scene.desk
    figures: list[Figure] = []
    for process, service in AWAY.items():
        async with scene.outside(desk) as outside:
            figures += await _away(scene, desk, outside, process, service)
    return figures


async def _away(scene: Scene, desk: LivingFleet, outside: Outside, process: str, service: str) -> list[Figure]:
    async with loading(desk.url, FORM) as load:
        # a load that never ends: it is over when the process is back
        writing = asyncio.create_task(load.open(RATE * 3_600, RATE))
        began = time.perf_counter()
        at = await outside.given(service)
        await asyncio.to_thread(desk.stop, process)
        await asyncio.sleep(scene.size.absence)
        behind, returned = await outside.lag(service), time.perf_counter()
        coming = (await outside.given(service) - at) / (returned - began)
        desk.start(process, f"{process}-0")

        async def caught_up() -> bool:
            return await outside.lag(service) <= coming * SOON

        await until(caught_up, RETURNS)
        took = time.perf_counter() - returned
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        scene.say(f"{process} away for {scene.size.absence} s: {behind:,} records behind, back after {took:.1f} s")
        refused = load.run.refused
    name = f"{process} stopped for {scene.size.absence} s"
    return [
        Figure(f"{name}: behind", behind, "records"),
        Figure(f"{name}: from its start to no lag", took, "s"),
        Figure(f"{name}: caught up at", behind / took + coming, "records/s", coming, "coming in meanwhile"),
        Figure(f"{name}: refused meanwhile, to be tried later", refused, "requests"),
    ]


async def measure_rebuild(scene: Scene) -> list[Figure]:
    """The router's state from its facts, as after a lost checkpoint; all tickets' documents beside those shown."""
    desk = scene.desk
    async with scene.outside(desk) as outside:
        await _seed(scene, outside)
        partition = await outside.partition()
        bare, _ = await _read(outside, partition, None)
        rate, spent = await _read(outside, partition, Decider(LOGIC, partition))
        await outside.until_still(scene.size.limit)
        facts = await outside.count(DESK.name)
    began = time.perf_counter()
    with desk.weighing() as cost:
        await _documents(desk, scene.size.limit)
    took = time.perf_counter() - began
    reading = "read and nothing more"
    return [
        Figure(f"router's state from {facts:,} facts", rate, "facts/s", bare, reading, AIM),
        Figure("router's state from facts, CPU", spent, "CPU-µs a fact"),
        Figure(f"documents from {facts:,} facts, and compared", facts / took, "facts/s", bare, reading, AIM),
        Figure("documents from facts, CPU", cost.by["projector"] / facts * 1e6, "CPU-µs a fact"),
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


async def _seed(scene: Scene, outside: Outside) -> None:
    """Tickets, as fast as the router decides them."""

    async def near() -> bool:
        return await outside.lag("router") <= MOST_AHEAD

    partition, now, name = await outside.partition(), SystemClock().now(), uuid.uuid4().hex
    for first in range(0, scene.size.tickets, BATCH):
        commands = [message(number, name, now) for number in range(first, first + BATCH)]
        await outside.broker.append(enveloped(commands, SystemClock().now(), partition))
        await until(near, RETURNS)


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
