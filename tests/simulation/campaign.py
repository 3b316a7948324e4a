"""Many seeds on all cores: progress while it runs, and for every violation its seed, the first bad prefix, its records."""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from os import cpu_count
from time import monotonic

from tests.simulation.crew import Role
from tests.simulation.run import Result, run_seed

CHUNK = 50


@dataclass(slots=True)
class Tally:
    """What a campaign has seen so far."""

    began: float = field(default_factory=monotonic)
    seeds: int = 0
    steps: int = 0
    records: int = 0
    facts: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.steps += result.steps
        self.records += result.records
        self.facts += result.facts
        self.counts.update(result.counts)
        if result.failed:
            self.failures.append(result)

    @property
    def elapsed(self) -> float:
        return monotonic() - self.began

    def line(self) -> str:
        """Where it stands."""
        rate = self.seeds / max(self.elapsed, 1e-6)
        return f"{self.seeds} seeds, {rate:.0f}/s, {self.facts} facts, {len(self.failures)} with violations"

    def faults(self) -> list[tuple[str, int]]:
        """What was done to the desk, by kind."""
        return sorted(self.counts.items())


def all_roles() -> Sequence[Role]:
    """Imported late, so that a fault may be planted before."""
    from tests.simulation.roles import ROLES

    return ROLES


def run_chunk(first: int, last: int) -> list[Result]:
    """Some seeds in a process of the pool."""
    roles = all_roles()
    results = [run_seed(seed, roles) for seed in range(first, last)]
    gc.collect()
    gc.freeze()
    return results


def spare_collector() -> None:
    """Look for rings once per chunk, and never again at what outlived one: looking takes a third of a campaign."""
    gc.disable()


def run_campaign(first: int, seeds: int, processes: int | None = None) -> Iterator[Result]:
    """Results in order of seed, as they come."""
    chunks = [(at, min(at + CHUNK, first + seeds)) for at in range(first, first + seeds, CHUNK)]
    workers = processes or cpu_count() or 1
    if workers == 1:
        for chunk in chunks:
            yield from run_chunk(*chunk)
        return
    # spawned, not forked: each begins as a fresh interpreter does
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=spare_collector) as pool:
        for results in pool.map(run_chunk, *zip(*chunks, strict=True)):
            yield from results
