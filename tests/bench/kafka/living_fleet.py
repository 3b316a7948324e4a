"""A desk whose processes are weighed: what each has spent, and what each holds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from services.verbs.children import step_back as yield_cores
from tests.e2e.service_desk import SERVICES, ServiceDesk

MIB = 2**20
LAST = 10
"""Niceness of who yields to the others."""


@dataclass(slots=True)
class Spent:
    """CPU seconds by process, from the beginning of a block to its end."""

    by: dict[str, float] = field(default_factory=dict)

    @property
    def whole(self) -> float:
        return sum(self.by.values())


class LivingFleet(ServiceDesk):
    """One process of each kind; `SERVICES` has their names."""

    seeded_rate = 0.0
    """How many tickets a second it was made large with; 0: it was not."""

    def start(self, name: str, member: str = "", launcher: tuple[str, ...] = ()) -> None:
        """With the priority it has where one machine runs them all."""
        super().start(name, member, launcher)
        yield_cores(name.partition("-")[0], self._processes[name].pid)

    def weighed(self, name: str) -> psutil.Process:
        return psutil.Process(self._processes[name].pid)

    def cpu(self) -> Mapping[str, float]:
        """Seconds each has spent so far, with its children."""
        return {name: cpu(self.weighed(name)) for name in SERVICES}

    def memory(self) -> Mapping[str, float]:
        """MiB each holds now."""
        return {name: self.weighed(name).memory_info().rss / MIB for name in SERVICES}

    def step_back(self, *names: str) -> None:
        """From now on these leave the cores to the others where both want them."""
        for name in names:
            self.weighed(name).nice(LAST)

    @contextmanager
    def weighing(self) -> Iterator[Spent]:
        """What the block costs; no process may start or end in it."""
        before, spent = self.cpu(), Spent()
        yield spent
        after = self.cpu()
        spent.by = {name: after[name] - before[name] for name in before}

    @property
    def key(self) -> str:
        """The administrator's."""
        return self._first.key

    @property
    def policy(self) -> Path:
        """The file it was opened with."""
        return self._first.policy

    @property
    def settings(self) -> Mapping[str, str]:
        """How its processes reach the engines."""
        return self._first.environment


def cpu(process: psutil.Process) -> float:
    """Seconds it has spent so far, with children that ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)
