"""How many tickets are accepted for minutes, and a burst of ten times the usual: what is taken is there at the end."""

import time

import orjson

from tests.bench.figures import Figure, percentile
from tests.bench.kafka.bare import APPEND, bare_append
from tests.bench.kafka.living_fleet import LivingFleet
from tests.bench.kafka.pipeline import AT_ONCE
from tests.bench.kafka.scene import Scene
from tests.bench.load import Run, loading
from tests.bench.pipeline import FORM

RATE = 330
"""A little more than the 300 that are wanted: what is measured ends with the last answer, not with the last request."""
PROBES = 5
"""Of a burst's length, the part in which it is found how many are taken a second when nobody is hurried."""
TENFOLD = 10
MOST = 1_000
"""Messages a second the load itself can still send beside the desk on two cores."""
DECIDES = 600
"""Seconds the router may take for what was taken."""


async def measure_accepted(scene: Scene) -> list[Figure]:
    """More than three hundred forms a second for minutes, whatever the answers do: all that is taken must be there at the end."""
    desk, seconds, bare = scene.desk, scene.size.accepted, await bare_append(scene)
    run, took = await _open(desk, RATE, seconds)
    scene.say(f"{RATE}/s for {seconds} s: {run.statuses}")
    later = await _decided(scene, desk)
    lost = await _missing(scene, desk, run)
    async with scene.outside(desk) as outside:
        lags = await outside.lags()
    values = [run.acknowledged[one] - sent for one, sent in run.sent.items()]
    accepted = len(run.acknowledged) / took
    return [
        Figure(f"tickets accepted at {RATE}/s for {seconds} s", accepted, "tickets/s", RATE, "offered", "≥ 300"),
        Figure(f"acknowledged, p50 at {RATE}/s", percentile(values, 0.5) * 1_000, "ms"),
        Figure(f"acknowledged, p99 at {RATE}/s", percentile(values, 0.99) * 1_000, "ms", bare, APPEND, "≤ 100"),
        Figure(f"refused at {RATE}/s, to be tried later", run.refused, "requests"),
        Figure(f"neither taken nor refused at {RATE}/s", run.failed, "requests", aim="= 0"),
        Figure("accepted, and lost or doubled", lost, "messages", aim="= 0"),
        Figure("all of it decided, after the last", later, "s"),
        Figure("behind then, gateway's documents", lags["gateway"], "records"),
    ]


async def measure_burst(scene: Scene) -> list[Figure]:
    """Ten times the usual for minutes, the usual being a fifth of all the desk can take: so twice what it can. Goodput is what
    was taken and decided, per second while the load lasts: what only waits in the log then is not done."""
    desk, seconds = scene.desk, scene.size.burst
    began = time.perf_counter()
    async with loading(desk.url, FORM) as load:
        await load.closed_for(max(5, seconds / PROBES), AT_ONCE)
    capacity = await _goodput(scene, desk, load.run, began)
    await _decided(scene, desk)
    usual = min(capacity / 5, MOST / TENFOLD)
    began = time.perf_counter()
    run, took = await _open(desk, usual * TENFOLD, seconds)
    goodput = await _goodput(scene, desk, run, began)
    scene.say(f"{usual * TENFOLD:,.0f}/s for {seconds} s: {run.statuses}")
    later = await _decided(scene, desk)
    lost = await _missing(scene, desk, run)
    waits = [run.acknowledged[one] - sent for one, sent in run.sent.items()]
    seconds_burst = f"in a burst of {seconds} s"
    return [
        Figure(f"offered {seconds_burst}, ten times the usual", usual * TENFOLD, "requests/s", usual, "usual"),
        Figure(f"accepted {seconds_burst}", len(run.acknowledged) / took, "tickets/s"),
        Figure(f"goodput {seconds_burst}", goodput, "tickets/s", capacity, "taken one after another", "ratio ≥ 0.90"),
        Figure(f"acknowledged, p99 {seconds_burst}", percentile(waits, 0.99) * 1_000, "ms"),
        Figure(f"refused {seconds_burst}, to be tried later", run.refused, "requests"),
        Figure("of these, without saying when", run.abrupt, "requests", aim="= 0"),
        Figure(f"neither taken nor refused {seconds_burst}", run.failed, "requests", aim="= 0"),
        Figure("accepted in the burst, and lost or doubled", lost, "messages", aim="= 0"),
        Figure("all of the burst decided, after its end", later, "s"),
    ]


async def _open(desk: LivingFleet, rate: float, seconds: int) -> tuple[Run, float]:
    async with loading(desk.url, FORM) as load:
        began = time.perf_counter()
        await load.open(round(rate * seconds), rate)
        return load.run, time.perf_counter() - began


async def _goodput(scene: Scene, desk: LivingFleet, run: Run, began: float) -> float:
    """Tickets a second that were taken and decided from `began` until now."""
    async with scene.outside(desk) as outside:
        behind = await outside.lag("router")
    return (len(run.acknowledged) - behind) / (time.perf_counter() - began)


async def _decided(scene: Scene, desk: LivingFleet) -> float:
    """Seconds from now until the router has decided all that was taken."""
    async with scene.outside(desk) as outside:
        return await outside.until_still(DECIDES, ["router"])


async def _missing(scene: Scene, desk: LivingFleet, run: Run) -> int:
    """How many of those taken are not exactly once among the facts, where all is decided."""
    async with scene.outside(desk) as outside:
        found = await outside.received(run.acknowledged, _message)
    return sum(found[one] != 1 for one in run.acknowledged)


def _message(value: bytes) -> str:
    return str(orjson.loads(value)["message"])
