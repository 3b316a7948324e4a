"""What is measured of the embedded engine, by name."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.decisions import measure_decisions
from tests.bench.figures import Figure
from tests.bench.large import measure_large
from tests.bench.pipeline import measure_pipeline
from tests.bench.reference import durable_inserts
from tests.e2e.policies import write_fast_policy


@dataclass(frozen=True, slots=True)
class Size:
    """Counts, and lengths in seconds."""

    flood: int
    steady: int
    waiting: int
    tickets: int
    mixed: int

    def lasting(self, seconds: int | None) -> "Size":
        """With so long for what lasts a given time."""
        return replace(self, steady=seconds, mixed=seconds) if seconds else self


FULL = Size(flood=4_000, steady=60, waiting=100_000, tickets=100_000, mixed=60)
QUICK = Size(flood=1_000, steady=5, waiting=10_000, tickets=5_000, mixed=3)
RATE = 100
"""Messages a second of the open loop."""


def inserts(folder: Path, size: Size) -> list[Figure]:
    """What SQLite does on this disk for one client that wants nothing else: each insert its own commit with fsync."""
    took = durable_inserts(folder)
    return [Figure("bare durable inserts, one client", len(took) / sum(took), "inserts/s")]


def pipeline(folder: Path, size: Size) -> list[Figure]:
    """Forms filled in from outside, until their tickets are triaged, assigned, on the clock and readable; beside an echo
    over FastAPI that does nothing."""
    return asyncio.run(measure_pipeline(folder, size.flood, RATE, size.steady))


def decisions(folder: Path, size: Size) -> list[Figure]:
    """The core alone, with a thousand agents: messages that open tickets and resolutions that free an agent for the next
    in the queue, half and half, per second of a core. A decision is such a command with its five or six facts, each a
    validated model that is folded; with ids, attributes and JSON of each it is called encoded (what was told before both
    were measured). The time goes to no one thing: models, rules and fold are 18 µs a fact in some hundred small steps."""
    return measure_decisions(1_000, size.waiting, 2_000)


def large(folder: Path, size: Size) -> list[Figure]:
    """A desk with very many open tickets, each with its clocks: how late broken promises are said, what one desk takes, what
    checkpoints stop, what it holds, how long stopping and starting take."""
    return asyncio.run(measure_large(folder, write_fast_policy(folder), size.tickets, size.mixed))


SECTIONS: Mapping[str, Callable[[Path, Size], list[Figure]]] = {
    "inserts": inserts,
    "pipeline": pipeline,
    "decisions": decisions,
    "large": large,
}
