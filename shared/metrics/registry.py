"""The door to Prometheus: names that end in a unit, help that says something, labels that cannot grow without end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase

UNITS = (
    "total", "seconds", "bytes", "records", "items", "tickets", "clocks", "agents", "letters", "deliveries",
    "accounts", "partitions",
)  # fmt: skip
"""What a name may end in: what is counted or measured."""

LABELS: Mapping[str, int] = {
    "consumer": 50, "topic": 20, "partition": 1_024, "store": 5, "desk": 100, "team": 200, "channel": 20, "cause": 50,
    "reason": 100, "how": 10, "command": 60, "outcome": 20, "target": 10, "state": 20, "status": 10, "kind": 10,
    "score": 11, "method": 10, "route": 300,
}  # fmt: skip
"""Which labels there are, and how many values of each are told apart; all others together are OTHER."""
OTHER = "other"

AGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400)

M = TypeVar("M", bound=MetricWrapperBase)


@dataclass(frozen=True, slots=True)
class Declared:
    """What was declared, for tests and tables."""

    name: str
    says: str
    labels: tuple[str, ...]


class Family(Generic[M]):
    """One metric. `one(*values)` is the figure under these label values."""

    def __init__(self, metric: M, labels: Sequence[str]) -> None:
        self._metric = metric
        self._most = [LABELS[label] for label in labels]
        self._seen: list[set[str]] = [set() for _ in labels]
        self._known: dict[tuple[str, ...], M] = {}

    def one(self, *values: str) -> M:
        known = self._known.get(values)
        if known is not None:
            return known
        bounded = tuple(self._bound(place, value) for place, value in enumerate(values))
        found: M = self._metric.labels(*bounded) if bounded else self._metric
        if bounded == values:
            self._known[values] = found
        return found

    def begin(self, *values: Iterable[str]) -> None:
        """Show the figures under all combinations of these values, at zero: who computes rates misses the step from
        nothing to one."""
        for combination in product(*values):
            self.one(*combination)

    def forget(self, *values: str) -> None:
        """Show this figure no longer. One that shares its labels with others stays."""
        if self._known.pop(values, None) is not None:
            self._metric.remove(*values)

    def clear(self) -> None:
        """Forget all figures: what is not set again is not shown."""
        self._known.clear()
        for seen in self._seen:
            seen.clear()
        self._metric.clear()

    def _bound(self, place: int, value: str) -> str:
        seen = self._seen[place]
        if value not in seen:
            if len(seen) >= self._most[place]:
                return OTHER
            seen.add(value)
        return value


class Registry:
    """All metrics of a process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.declared: list[Declared] = []
        # named as every program's: boards and alerts for processes work here too
        ProcessCollector(registry=self._registry)
        # a second series for each counter, of which Prometheus' text format knows nothing
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library forgot to say what it returns

    def counter(self, name: str, says: str, *labels: str) -> Family[Counter]:
        return Family(Counter(*self._declare(name, says, labels), registry=self._registry), labels)

    def gauge(self, name: str, says: str, *labels: str) -> Family[Gauge]:
        return Family(Gauge(*self._declare(name, says, labels), registry=self._registry), labels)

    def histogram(self, name: str, says: str, *labels: str) -> Family[Histogram]:
        return Family(Histogram(*self._declare(name, says, labels), registry=self._registry, buckets=AGES), labels)

    def render(self) -> bytes:
        return generate_latest(self._registry)

    def _declare(self, name: str, says: str, labels: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
        """Raises ValueError for what would not be understood or would grow without end."""
        if not name.startswith("sanad_") or name.rpartition("_")[2] not in UNITS:
            raise ValueError(f"{name}: begin with sanad_ and end in what is counted: {', '.join(UNITS)}")
        if not says.endswith("."):
            raise ValueError(f"{name}: say in a sentence what it tells")
        if unbounded := sorted(set(labels) - set(LABELS)):
            raise ValueError(f"{name}: {', '.join(unbounded)} is no bounded label; see LABELS")
        self.declared.append(Declared(name, says, labels))
        return name, says, labels
