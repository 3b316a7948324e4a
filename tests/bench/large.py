"""A large desk: 100,000 open tickets with their clocks. Lateness of breaches, pauses of checkpoints, memory, restart."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from services.verbs.first_start import hand_over_key, start_desk
from services.verbs.serving import Running, serving
from shared.catalogue.commands import Command
from shared.catalogue.topics import SLA
from shared.clock import SECOND
from shared.settings import Settings
from tests.bench.commands import PROMISED, conditions, enveloped, lateness, message, open_clocks
from tests.bench.figures import Figure, percentile
from tests.bench.mixed import Mixed
from tests.bench.pauses import Standstill, longest_pause
from tests.bench.reference import durable_inserts
from tests.e2e.living_desk import LivingDesk

BATCH = 500
DUE_SOON = 300
"""Clocks that fall due while we look, each at a moment of its own."""
MIB = 2**20
INSERT = "ms, bare durable insert p99"
EMPTY = "with an empty desk"


async def measure_large(folder: Path, policy: Path, tickets: int, seconds: int) -> list[Figure]:
    """Seed through the log, then measure what size costs."""
    bare = percentile(durable_inserts(folder), 0.99) * 1_000
    desk = LivingDesk(folder, policy)
    desk.environment.update(SANAD_PARTITIONS="1", SANAD_LOG_LEVEL="ERROR", SANAD_DEMO="false")
    settings = Settings(
        folder=desk.folder, policy=policy, http_port=0, smtp_port=0, partitions=1, log_level="ERROR", demo=False
    )
    async with serving(settings) as running:
        desk_id, _ = await start_desk(running.ports)
        await hand_over_key(running.ports, desk_id)
    empty = await asyncio.to_thread(_restarted, desk)
    async with _stopped(settings) as (running, stopping):
        figures = await _measured(running, tickets, seconds, bare)
    full = await asyncio.to_thread(_restarted, desk)
    name = f"{tickets:,} open tickets"
    return [
        *figures,
        Figure(f"clean stop with a last checkpoint of {name}", stopping[0], "s"),
        Figure(f"restart with {name}: a new process until ready", full.took, "s", empty.took, EMPTY, "≤ 5"),
        Figure(f"memory of that process with {name}", full.memory, "MiB", empty.memory, EMPTY, "≤ 300"),
    ]


@asynccontextmanager
async def _stopped(settings: Settings) -> AsyncIterator[tuple[Running, list[float]]]:
    """The desk in this process; afterwards, how many seconds its end took."""
    took: list[float] = []
    async with serving(settings) as running:
        yield running, took
        began = time.perf_counter()
    took.append(time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class Restarted:
    """Seconds until it is ready, and MiB it holds then."""

    took: float
    memory: float


def _restarted(desk: LivingDesk) -> Restarted:
    took = desk.start()
    memory = psutil.Process(desk.pid).memory_info().rss / MIB
    desk.stop()
    return Restarted(took, memory)


async def _measured(running: Running, tickets: int, seconds: int, bare: float) -> list[Figure]:
    began = time.perf_counter()
    await _seed(running, tickets)
    seeded = tickets / (time.perf_counter() - began)
    clocks = await open_clocks(running.ports.broker, 0)
    late = await _lateness(running)
    async with Standstill() as still:
        mixed = await _mixed(running, seconds)
        decided = time.perf_counter()
        await _lag_below(running, 1)
    later = time.perf_counter() - decided
    memory = psutil.Process().memory_info().rss / MIB
    pauses = longest_pause((await running.ports.metrics.render()).decode())
    return [
        Figure(f"tickets seeded through the log, up to {tickets:,} open", seeded, "tickets/s"),
        Figure(f"breach lateness p50, {clocks:,} open clocks", percentile(late, 0.5), "ms"),
        Figure(f"breach lateness p99, {clocks:,} open clocks", percentile(late, 0.99), "ms", bare, INSERT, "≤ 50"),
        *mixed.figures(bare, INSERT),
        Figure("everybody through, after the last decision", later, "s"),
        Figure("longest standstill of the process meanwhile, of whatever cause", still.longest * 1_000, "ms"),
        Figure("checkpoint pause, longest slice, at most", max(pauses.values(), default=0), "ms", aim="≤ 50"),
        Figure("memory meanwhile, bench and desk in one process", memory, "MiB", aim="≤ 300"),
    ]


async def _append(running: Running, commands: Sequence[Command]) -> None:
    await running.ports.broker.append(enveloped(commands, running.ports.clock.now(), 0))


async def _seed(running: Running, tickets: int) -> None:
    for first in range(0, tickets, BATCH):
        now = running.ports.clock.now()
        await _append(running, [message(number, "seed", now) for number in range(first, first + BATCH)])
        await _lag_below(running, 20 * BATCH)
    await _lag_below(running, 1)


async def _lag_below(running: Running, records: int) -> None:
    while running.engine.lag() >= records:
        await running.ports.clock.sleep(SECOND // 20)


async def _lateness(running: Running) -> list[float]:
    """Lost cards promise a reply soon under this policy: from due time to the append of the breach."""
    words = conditions(running.ports.settings.policy, {"lost", "card"})
    start = (await running.ports.broker.bounds(SLA.name, 0)).next
    for number in range(DUE_SOON):
        await _append(running, [message(number, "soon", running.ports.clock.now(), words)])
        await asyncio.sleep(0.007)
    await asyncio.sleep(PROMISED + 1)
    found: list[float] = []
    while records := await running.ports.broker.read(SLA.name, 0, start):
        found += lateness(records)
        start = records[-1].offset + 1
    if len(found) < DUE_SOON:
        raise RuntimeError(f"{len(found)} breaches of {DUE_SOON} in {PROMISED + 1} seconds")
    return found


async def _mixed(running: Running, seconds: int) -> Mixed:
    """Beside all other services of the process, which follow."""
    mixed, router = Mixed(seconds), next(worker for worker in running.engine.workers if worker.name == "router")

    async def look() -> None:
        while True:
            mixed.decided(router.position - 1)
            await asyncio.sleep(0.002)

    looking = asyncio.create_task(look())
    await mixed.give(running.ports.broker.append, 0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    return mixed
