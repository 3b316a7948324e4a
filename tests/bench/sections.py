"""What is measured, by name."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench.decisions import measure_decisions
from tests.bench.figures import Figure
from tests.bench.large import measure_large
from tests.bench.pipeline import measure_pipeline
from tests.bench.reference import durable_inserts
from tests.e2e.policies import write_fast_policy


def inserts(folder: Path, *, quick: bool) -> list[Figure]:
    return [Figure("bare durable inserts, one client", durable_inserts(folder), "inserts/s")]


def pipeline(folder: Path, *, quick: bool) -> list[Figure]:
    return asyncio.run(measure_pipeline(folder, 1_000 if quick else 4_000, 100, 5 if quick else 30))


def decisions(folder: Path, *, quick: bool) -> list[Figure]:
    return measure_decisions(1_000, 10_000 if quick else 100_000, 2_000)


def large(folder: Path, *, quick: bool) -> list[Figure]:
    tickets, seconds = (5_000, 3) if quick else (100_000, 10)
    return asyncio.run(measure_large(folder, write_fast_policy(folder), tickets, 1_000, seconds))


SECTIONS: Mapping[str, Callable[..., list[Figure]]] = {
    "inserts": inserts,
    "pipeline": pipeline,
    "decisions": decisions,
    "large": large,
}
