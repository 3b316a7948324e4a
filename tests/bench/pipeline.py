"""The whole pipeline from outside: accepted, triaged, assigned, clocks started, readable."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil

from tests.bench.figures import Figure, percentile
from tests.bench.load import loading, watching
from tests.e2e.living_desk import HOUSE, LivingDesk, free_port
from tests.e2e.policies import write_fast_policy

FORM = "pk_waha_contact"
PATIENCE = 120
"""Seconds the last ticket may take to become readable before the run counts as failed."""


async def measure_pipeline(folder: Path, count: int, rate: int, seconds: int) -> list[Figure]:
    """Throughput, cost and latency of one process, beside an echo that does nothing. No automatic answers are mailed."""
    with serving_echo() as echo:
        bare = await _flood(echo.url, echo.process, count, "")
        bare_latency = await _steady(echo.url, rate, min(seconds, 5), "")
    desk = LivingDesk(folder, write_fast_policy(folder, acknowledges=False))
    desk.start()
    try:
        flooded = await _flood(desk.url, psutil.Process(desk.pid), count, desk.key)
        latency = await _steady(desk.url, rate, seconds, desk.key)
        memory = psutil.Process(desk.pid).memory_info().rss / 2**20
    finally:
        desk.stop()
    echoes, inserts = "echoes/s", "CPU-ms an echo"
    return [
        Figure("tickets through the whole pipeline", flooded.rate, "tickets/s", bare.rate, echoes, "≥ 400"),
        Figure("CPU per ticket, all services", flooded.cost, "CPU-ms", bare.cost, inserts, "≤ 2.4"),
        Figure("CPU per ticket of the load itself, on the same cores", flooded.load, "CPU-ms", bare.load, inserts),
        Figure("not accepted while flooded", flooded.refused, "requests", aim="= 0"),
        *_latencies("acknowledged", latency.acknowledged, bare_latency.acknowledged, rate, ""),
        *_latencies("readable", latency.readable, bare_latency.acknowledged, rate, "≤ 100"),
        Figure("memory after the run", memory, "MiB", aim="≤ 300"),
    ]


def _latencies(what: str, values: list[float], bare: list[float], rate: int, aim: str) -> Iterator[Figure]:
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        reference = percentile(bare, share) * 1_000
        yield Figure(
            f"{what}, {name} at {rate}/s", percentile(values, share) * 1_000, "ms", reference, f"ms, echo {name}",
            aim if name == "p99" else "",
        )  # fmt: skip


class _Flood:
    def __init__(self, rate: float, cost: float, load: float, refused: int) -> None:
        self.rate, self.cost, self.load, self.refused = rate, cost, load, refused


async def _flood(url: str, process: psutil.Process, count: int, key: str) -> _Flood:
    """Everything as fast as it is taken; the clock stops when the last one is readable."""
    async with loading(url, FORM) as load:
        await load.closed(20, 4)
        if key:
            await _readable(url, key, len(load.run.acknowledged))
        warm = len(load.run.acknowledged)
        before, began, own = _cpu(process), time.perf_counter(), time.process_time()
        known = await _newest(url, key) if key else 0
        await load.closed(count, 64)
        if key:
            await _readable(url, key, known + len(load.run.acknowledged) - warm)
        took = time.perf_counter() - began
        spent, own = _cpu(process) - before, time.process_time() - own
    if not all(status < 300 for status in load.run.statuses):
        print(f"answers by status: {load.run.statuses}")
    refused = sum(number for status, number in load.run.statuses.items() if status >= 300)
    return _Flood((count - refused) / took, spent / count * 1_000, own / count * 1_000, refused)


class _Steady:
    def __init__(self, acknowledged: list[float], readable: list[float]) -> None:
        self.acknowledged, self.readable = acknowledged, readable


async def _steady(url: str, rate: int, seconds: int, key: str) -> _Steady:
    """An open loop: late answers do not slow the senders down."""
    async with loading(url, FORM) as load:
        if not key:
            await load.open(rate * seconds, rate)
        else:
            async with watching(load, key):
                await load.open(rate * seconds, rate)
                await wait_until(lambda: len(load.run.readable) >= len(load.run.sent))
        run = load.run
        return _Steady(
            [run.acknowledged[one] - sent for one, sent in run.sent.items()],
            [run.readable[one] - sent for one, sent in run.sent.items() if one in run.readable],
        )


async def _newest(url: str, key: str) -> int:
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
        items = (await client.get("/v1/tickets", params={"limit": 50})).json()["items"]
        return max((int(item["number"]) for item in items), default=0)


async def _readable(url: str, key: str, number: int) -> None:
    """Wait until the ticket with that number can be read."""
    deadline = time.perf_counter() + PATIENCE
    while await _newest(url, key) < number:
        if time.perf_counter() > deadline:
            raise TimeoutError(f"ticket {number} did not become readable in {PATIENCE} seconds")
        await asyncio.sleep(0.05)


async def wait_until(reached: Callable[[], bool], look: float = 0.05) -> None:
    """Look again and again, `look` seconds apart; give up loudly."""
    deadline = time.perf_counter() + PATIENCE
    while not reached():
        if time.perf_counter() > deadline:
            raise TimeoutError(f"waited {PATIENCE} seconds in vain")
        await asyncio.sleep(look)


def _cpu(process: psutil.Process) -> float:
    """Seconds of the process and its children so far."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


class _Echo:
    def __init__(self, url: str, process: psutil.Process) -> None:
        self.url, self.process = url, process


@contextmanager
def serving_echo() -> Iterator[_Echo]:
    """The bare reference in a process of its own."""
    port = free_port()
    child = subprocess.Popen([sys.executable, "-m", "tests.bench.reference", str(port)], cwd=HOUSE)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx2.post(f"{url}/in/forms/x", json={}, timeout=1)
                break
            except httpx2.HTTPError:
                time.sleep(0.05)
        yield _Echo(url, psutil.Process(child.pid))
    finally:
        child.terminate()
        child.wait()
