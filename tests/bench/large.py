"""A large desk: 100,000 open tickets with their clocks. Lateness of breaches, pauses of checkpoints, memory, restart."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import psutil
from prometheus_client.parser import text_string_to_metric_families

from services.gateway.policy_file.loader import load_policy
from services.verbs.first_start import start_desk
from services.verbs.serving import Running, serving
from shared.broker import Outgoing, Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import Command, ReceiveMessage, SetPresence
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import TargetBreached
from shared.catalogue.topics import COMMANDS, SLA
from shared.catalogue.values import Contact, Principal
from shared.clock import SECOND
from shared.ids import named_id
from shared.policy.terms import Channel
from shared.settings import Settings
from shared.worker import Worker
from tests.bench.figures import Figure, percentile
from tests.bench.pipeline import wait_until

DESK, ORGANISATION = "support", "waha"
BATCH = 500
DUE_SOON = 300
"""Clocks that fall due while we look, each at a moment of its own."""


async def measure_large(folder: Path, policy: Path, tickets: int, rate: int, seconds: int) -> list[Figure]:
    """Seed through the log, then measure what size costs."""
    settings = Settings(
        folder=folder / "large", policy=policy, http_port=0, smtp_port=0, partitions=1, log_level="ERROR", demo=False
    )
    async with serving(settings) as running:
        await start_desk(running.ports)
        began = time.perf_counter()
        await _seed(running, tickets)
        seeded = tickets / (time.perf_counter() - began)
        lateness = await _lateness(running)
        ages = await _mixed(running, rate, seconds)
        memory = psutil.Process().memory_info().rss / 2**20
        pauses = await _longest_pause(running)
        stopping = time.perf_counter()
    stopped = time.perf_counter() - stopping
    restarting = time.perf_counter()
    async with serving(settings):
        restarted = time.perf_counter() - restarting
    return [
        Figure(f"tickets seeded through the log, up to {tickets:,} open", seeded, "tickets/s"),
        Figure(f"breach lateness p99, {2 * tickets:,} open clocks", percentile(lateness, 0.99), "ms", aim="≤ 50"),
        Figure("breach lateness p50", percentile(lateness, 0.5), "ms"),
        Figure(f"one desk at {rate:,} mixed commands/s, age p99", percentile(ages, 0.99), "ms"),
        Figure("memory, bench and desk in one process", memory, "MiB", aim="≤ 300"),
        Figure("checkpoint pause, longest slice", pauses, "ms", aim="≤ 50"),
        Figure("clean stop with a last checkpoint", stopped, "s"),
        Figure(f"restart with {tickets:,} open tickets", restarted, "s", aim="≤ 5"),
    ]


async def _append(running: Running, commands: Sequence[Command]) -> None:
    await running.ports.broker.append(enveloped(commands, running.ports.clock.now(), 0))


def enveloped(commands: Sequence[Command], now: int, partition: int) -> list[Outgoing]:
    """As they lie in the desk's log."""
    records: list[Outgoing] = []
    for command in commands:
        command_id = named_id("bench", str(time.perf_counter_ns()), len(records))
        envelope = Envelope(command_id, "bench", now, ORGANISATION, DESK, command_id, command_id, command)
        records.append(encode(envelope, COMMANDS.name, partition))
    return records


def message(number: int, name: str, sent_at: int, words: tuple[str, ...] = ()) -> ReceiveMessage:
    by = Principal(organisation=ORGANISATION, desk=DESK, id="bench", role="customer")
    return ReceiveMessage(
        by=by, message=named_id(name, number), channel=Channel.WEBFORM, account="web", sent_at=sent_at,
        sender=Contact(id=named_id(name, "contact", number), kind="email", address=f"c{number}@example.org"),
        text="How do I order a card?", language="en", words=words, policy_version=1,
    )  # fmt: skip


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
    """Lost cards promise a reply in two seconds under this policy: from due time to the append of the breach."""
    words = conditions(running.ports.settings.policy, {"lost", "card"})
    start = (await running.ports.broker.bounds(SLA.name, 0)).next
    for number in range(DUE_SOON):
        await _append(running, [message(number, "soon", running.ports.clock.now(), words)])
        await asyncio.sleep(0.007)
    await asyncio.sleep(3)
    found: list[float] = []
    while records := await running.ports.broker.read(SLA.name, 0, start):
        found += [float(one) for record in records if (one := late(record)) is not None]
        start = records[-1].offset + 1
    if len(found) < DUE_SOON:
        raise RuntimeError(f"{len(found)} breaches of {DUE_SOON} in three seconds")
    return found


def conditions(file: Path, names: set[str]) -> tuple[str, ...]:
    """Ids of these word lists in a policy."""
    policy = load_policy(file.read_text(encoding="utf-8"))
    return tuple(words.condition for name, words in policy.words.items() if name in names)


def late(record: Record) -> int | None:
    body = decode(record).body
    return record.appended_at - body.due_at if isinstance(body, TargetBreached) else None


async def _mixed(running: Running, rate: int, seconds: int) -> list[float]:
    """Arrivals and presence at a fixed rate; how long after its append every tenth batch was decided and published."""
    by = Principal(organisation=ORGANISATION, desk=DESK, id="system", role="system")
    router = next(worker for worker in running.engine.workers if worker.name == "router")
    ages: list[float] = []
    began = time.perf_counter()
    for step in range(rate * seconds // 10):
        await asyncio.sleep(max(0.0, began + step * 10 / rate - time.perf_counter()))
        now = running.ports.clock.now()
        arrivals: list[Command] = [message(step * 10 + one, "mixed", now) for one in range(5)]
        acts: list[Command] = [SetPresence(by=by, agent="admin", state="ready") for _ in range(5)]
        appended = time.perf_counter()
        await _append(running, arrivals + acts)
        if step % 10 == 0:
            end = (await running.ports.broker.bounds(COMMANDS.name, 0)).next
            await wait_until(partial(_applied, router, end), look=0.002)
            ages.append((time.perf_counter() - appended) * 1_000)
    return ages


def _applied(worker: Worker, end: int) -> bool:
    return worker.position >= end


async def _longest_pause(running: Running) -> float:
    """Upper edge, in ms, of the highest bucket into which any checkpoint's longest slice fell."""
    edges = [0.0]
    text = (await running.ports.metrics.render()).decode()
    for metric in text_string_to_metric_families(text):
        counts: dict[str, float] = {}
        for sample in metric.samples if metric.name == "sanad_checkpoint_pause_seconds" else ():
            consumer = sample.labels["consumer"]
            if sample.name.endswith("_bucket") and sample.value > counts.get(consumer, 0.0):
                edges.append(float(sample.labels["le"]) * 1_000)
                counts[consumer] = sample.value
    return max(edges)
