"""One desk at a thousand mixed commands a second, and how late promises are said to be broken."""

import asyncio

from shared.catalogue.topics import DESK, SLA
from shared.clock import SECOND, SystemClock
from tests.bench.commands import AT_ONCE, PROMISED, conditions, enveloped, lateness, message
from tests.bench.figures import Figure, percentile
from tests.bench.kafka.bare import APPEND, bare_append
from tests.bench.kafka.living_fleet import LivingFleet
from tests.bench.kafka.outside import Outside
from tests.bench.kafka.scene import Scene
from tests.bench.mixed import RATE, Mixed

ENDS = 300
FOLLOWERS = ("sla", "survey", "ingest", "projector", "http")


async def measure_desk(scene: Scene) -> list[Figure]:
    """One desk under a thousand mixed commands a second (arrivals and presence, half and half), appended by a client; how long
    until their facts can be read. Services that only follow step back where cores are short, as they would on machines of
    their own."""
    desk, mixed, bare = scene.desk, Mixed(scene.size.desk), await bare_append(scene)
    if not scene.size.shares:
        desk.step_back(*FOLLOWERS)
    async with scene.outside(desk) as outside:
        partition = await outside.partition()
        with desk.weighing() as spent:
            following = asyncio.create_task(_follow(outside, partition, mixed))
            await mixed.give(outside.broker.append, partition)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        lags = await outside.lags()
        scene.say(f"{RATE:,}/s for {mixed.seconds} s: behind then: {lags}")
    return [
        *mixed.figures(bare, APPEND),
        Figure("CPU per command, router", spent.by["router"] / mixed.count * 1_000, "CPU-ms"),
        Figure("behind then, sla", lags["sla"], "records"),
        Figure("behind then, gateway's documents", lags["gateway"], "records"),
    ]


async def _follow(outside: Outside, partition: int, mixed: Mixed) -> None:
    """Facts name the command they come from: whose offset they reach has been decided."""
    at = (await outside.ends(DESK.name))[DESK.name, partition]
    while True:
        if not await outside.broker.wait(DESK.name, partition, at, SECOND):
            continue
        records = await outside.broker.read(DESK.name, partition, at, AT_ONCE)
        at = records[-1].offset + 1
        mixed.decided(int(dict(records[-1].headers)["ce_position"]))


async def measure_lateness(scene: Scene) -> list[Figure]:
    """On a fresh desk: from the moment a promise is broken to the append of the fact that says so, by the log's clock."""
    bare = await bare_append(scene)
    async with scene.outside(scene.desk) as outside:
        return late(await breaches(scene, scene.desk, outside), "few", bare)


def late(found: list[float], clocks: str, bare: float) -> list[Figure]:
    name = f"of {len(found)} with {clocks} open clocks"
    return [
        Figure(f"breach lateness p50, {name}", percentile(found, 0.5), "ms"),
        Figure(f"breach lateness p99, {name}", percentile(found, 0.99), "ms", bare, APPEND, "≤ 500"),
    ]


async def breaches(scene: Scene, desk: LivingFleet, outside: Outside) -> list[float]:
    """Break promises, each at a moment of its own; ms each was late. Raises TimeoutError."""
    words, wanted = conditions(desk.policy, {"lost", "card"}), scene.size.due
    partition = await outside.partition()
    at = (await outside.ends(SLA.name))[SLA.name, partition]
    for number in range(wanted):
        due = [message(number, f"due{at}", SystemClock().now(), words)]
        await outside.broker.append(enveloped(due, SystemClock().now(), partition))
        await asyncio.sleep(0.02)
    found: list[float] = []
    async with asyncio.timeout(PROMISED + ENDS):
        while len(found) < wanted:
            if await outside.broker.wait(SLA.name, partition, at, SECOND):
                records = await outside.broker.read(SLA.name, partition, at, AT_ONCE)
                found += lateness(records)
                at = records[-1].offset + 1
    return found
