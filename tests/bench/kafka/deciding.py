"""One desk at a thousand mixed commands a second, and how late promises are said to be broken."""

import asyncio
import time
from collections import deque

from shared.catalogue.commands import Command, SetPresence
from shared.catalogue.topics import DESK, SLA
from shared.catalogue.values import Principal
from shared.clock import SECOND, SystemClock
from tests.bench.figures import Figure, percentile
from tests.bench.kafka.living_fleet import LivingFleet
from tests.bench.kafka.outside import Outside
from tests.bench.kafka.scene import Scene
from tests.bench.large import DESK as DESK_ID
from tests.bench.large import ORGANISATION, conditions, enveloped, late, message
from tests.bench.pipeline import wait_until

RATE, TOGETHER = 1_000, 10
ENDS = 300
PROMISED = 2
"""Seconds in which this policy promises a first reply to who lost a card."""


async def measure_desk(scene: Scene) -> list[Figure]:
    """Arrivals and presence, half and half, appended by a client; how long until their facts can be read."""
    desk, seconds = scene.desk, scene.size.desk
    async with scene.outside(desk) as outside:
        partition = await outside.partition()
        with desk.weighing() as spent:
            ages, took = await _mixed(outside, partition, seconds)
            later = await outside.until_still(ENDS, ["router"])
        lags = await outside.lags()
        scene.say(f"{RATE:,}/s for {seconds} s: behind then: {lags}")
    name = f"one desk at {RATE:,} mixed commands/s for {seconds} s"
    return [
        Figure(f"{name}, appended", RATE * seconds / took, "commands/s", RATE, "wanted"),
        Figure(f"{name}, facts readable p50", percentile(ages, 0.5), "ms"),
        Figure(f"{name}, facts readable p99", percentile(ages, 0.99), "ms"),
        Figure("all decided, after the last of them", later, "s"),
        Figure("CPU per command, router", spent.by["router"] / (RATE * seconds) * 1_000, "CPU-ms"),
        Figure("behind then, sla", lags["sla"], "records"),
        Figure("behind then, gateway's documents", lags["gateway"], "records"),
    ]


async def _mixed(outside: Outside, partition: int, seconds: int) -> tuple[list[float], float]:
    """Ages in ms of every batch, by this client's clock; how long it took to append all."""
    by = Principal(organisation=ORGANISATION, desk=DESK_ID, id="system", role="system")
    waiting: deque[tuple[int, float]] = deque()
    ages: list[float] = []
    following = asyncio.create_task(_follow(outside, partition, waiting, ages))
    began = time.perf_counter()
    for step in range(RATE * seconds // TOGETHER):
        await asyncio.sleep(max(0.0, began + step * TOGETHER / RATE - time.perf_counter()))
        now = SystemClock().now()
        half = TOGETHER // 2
        acts: list[Command] = [SetPresence(by=by, agent="admin", state="ready") for _ in range(half)]
        acts += [message(step * half + one, f"mixed{began}", now) for one in range(half)]
        appended = time.perf_counter()
        places = await outside.broker.append(enveloped(acts, now, partition))
        waiting.append((places[-1].offset, appended))
    took = time.perf_counter() - began
    await wait_until(lambda: not waiting)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    return ages, took


async def _follow(outside: Outside, partition: int, waiting: deque[tuple[int, float]], ages: list[float]) -> None:
    """Facts name the command they come from: whose offset they reach has been decided."""
    at = (await outside.ends(DESK.name))[DESK.name, partition]
    while True:
        if not await outside.broker.wait(DESK.name, partition, at, SECOND):
            continue
        records = await outside.broker.read(DESK.name, partition, at, 2_000)
        at = records[-1].offset + 1
        decided, now = int(dict(records[-1].headers)["ce_position"]), time.perf_counter()
        while waiting and waiting[0][0] <= decided:
            ages.append((now - waiting.popleft()[1]) * 1_000)


async def measure_lateness(scene: Scene) -> list[Figure]:
    """From the moment a promise is broken to the append of the fact that says so, by the log's clock."""
    desk = scene.desk
    async with scene.outside(desk) as outside:
        found = await _breaches(scene, desk, outside)
    return [
        Figure(f"breach lateness p50, of {len(found)}", percentile(found, 0.5), "ms"),
        Figure("breach lateness p99", percentile(found, 0.99), "ms", aim="≤ 500"),
    ]


async def _breaches(scene: Scene, desk: LivingFleet, outside: Outside) -> list[float]:
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
                records = await outside.broker.read(SLA.name, partition, at, 2_000)
                found += [float(one) for record in records if (one := late(record)) is not None]
                at = records[-1].offset + 1
    return found
