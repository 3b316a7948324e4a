"""A service that was away comes back."""

import asyncio
import time

from tests.bench.figures import Figure
from tests.bench.kafka.living_fleet import LivingFleet
from tests.bench.kafka.outside import Outside, until
from tests.bench.kafka.scene import Scene
from tests.bench.load import loading
from tests.bench.pipeline import FORM

AWAY = {"router": "router", "projector": "gateway"}
"""Processes that are stopped, and their groups."""
RATE = 20
"""Messages a second meanwhile."""
SOON = 2
"""A lag of what comes in so many seconds counts as none while messages come."""
RETURNS = 300


async def measure_recovery(scene: Scene) -> list[Figure]:
    """A process is stopped for a while and comes back; customers write on while it is away and while it catches up."""
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
