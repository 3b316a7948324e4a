"""The whole pipeline from outside, and what each process spends on a ticket and holds."""

import asyncio
import time
from collections.abc import Iterator, Mapping

from tests.bench.figures import Figure, percentile
from tests.bench.kafka.living_fleet import LivingFleet, Spent
from tests.bench.kafka.scene import Scene
from tests.bench.load import Run, loading, watching
from tests.bench.pipeline import FORM, serving_echo, wait_until

RATE = 100
"""Messages a second of the open loop."""
AT_ONCE = 64
REST = 4
"""Seconds nobody writes."""
ENDS = 300


async def measure_pipeline(scene: Scene) -> list[Figure]:
    """Forms filled in from outside: at rest, at a hundred tickets a second, and flooded; what each process spends on a ticket.
    Beside an echo over FastAPI that does nothing."""
    size = scene.size
    with serving_echo() as echo:
        async with loading(echo.url, FORM) as load:
            await load.open(RATE * min(size.steady, 5), RATE)
            bare = load.run
            began = time.perf_counter()
            await load.closed(size.flood, AT_ONCE)
            echoes = size.flood / (time.perf_counter() - began)
    desk = scene.desk
    await flood(scene, desk, 100)
    resting = await _rest(desk)
    scene.say("at rest: measured")
    steady, spent = await _steady(desk, size.steady)
    scene.say(f"{RATE}/s for {size.steady} s: measured")
    with scene.weighing() as engines:
        accepted, through, flooded = await flood(scene, desk, size.flood)
    return [
        *_latencies("acknowledged", steady.acknowledged, steady, bare, "≤ 100"),
        *_latencies("readable", steady.readable, steady, bare, "≤ 1,000"),
        *_costs(f"CPU per ticket at {RATE}/s", spent.by, len(steady.sent)),
        *_costs("CPU per ticket, flooded", flooded.by, size.flood),
        *_each("CPU per ticket, flooded, apart from services", engines.by, size.flood),
        Figure("tickets accepted, flooded", accepted, "tickets/s", echoes, "echoes/s", "≥ 300"),
        Figure("tickets through the whole pipeline, flooded", through, "tickets/s", echoes, "echoes/s"),
        Figure("CPU at rest, all processes", resting.whole / REST * 1_000, "CPU-ms/s"),
    ]


async def flood(scene: Scene, desk: LivingFleet, count: int) -> tuple[float, float, Spent]:
    """Everything as fast as it is taken: accepted a second; through all services a second; what it cost them.

    Raises RuntimeError: something was not taken.
    """
    async with scene.outside(desk) as outside, loading(desk.url, FORM) as load:
        with desk.weighing() as spent:
            began = time.perf_counter()
            await load.closed(count, AT_ONCE)
            accepted = time.perf_counter() - began
            await outside.until_still(ENDS)
        through = time.perf_counter() - began
        if len(load.run.acknowledged) < count:
            raise RuntimeError(f"not all was taken: {load.run.statuses}")
    return count / accepted, count / through, spent


async def _rest(desk: LivingFleet) -> Spent:
    with desk.weighing() as spent:
        await asyncio.sleep(REST)
    return spent


async def _steady(desk: LivingFleet, seconds: int) -> tuple[Run, Spent]:
    """An open loop: late answers do not slow the senders down."""
    async with loading(desk.url, FORM) as load, watching(load, desk.key):
        with desk.weighing() as spent:
            await load.open(RATE * seconds, RATE)
            await wait_until(lambda: len(load.run.readable) >= len(load.run.sent))
    return load.run, spent


def _latencies(what: str, at: Mapping[str, float], run: Run, bare: Run, aim: str) -> Iterator[Figure]:
    values = [at[one] - sent for one, sent in run.sent.items()]
    echoes = [bare.acknowledged[one] - sent for one, sent in bare.sent.items()]
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        yield Figure(
            f"{what}, {name} at {RATE}/s", percentile(values, share) * 1_000, "ms", percentile(echoes, share) * 1_000,
            f"ms, echo {name}", aim if name == "p99" else "",
        )  # fmt: skip


def _costs(what: str, spent: Mapping[str, float], tickets: int) -> Iterator[Figure]:
    """All together, then each by itself."""
    whole = sum(spent.values()) / tickets * 1_000
    yield Figure(f"{what}, all services", whole, "CPU-ms", aim="≤ 15")
    yield from _each(what, spent, tickets)


def _each(what: str, spent: Mapping[str, float], tickets: int) -> Iterator[Figure]:
    for name, seconds in spent.items():
        yield Figure(f"{what}, {name}", seconds / tickets * 1_000, "CPU-ms")
