"""What a panel shows, without Grafana: title, meaning, unit and lines, each an expression of Prometheus."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

RATE = "[$__rate_interval]"
"""Four scrapes at least, so that no rate is made from a single one."""
PER_SECOND, SECONDS, BYTES, SHARE, COUNT, CORES = "cps", "s", "bytes", "percentunit", "short", "none"
"""Grafana's names of units."""


@dataclass(frozen=True, slots=True)
class Line:
    """An expression and what its lines are called; `{{label}}` stands for the label's value."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """`says` is for somebody who sees it for the first time: what it is, and what is usual."""

    title: str
    says: str
    unit: str
    lines: Sequence[Line]
    kind: Literal["lines", "stacked", "number"] = "lines"
    alarm: float | None = None
    """From here on it is shown in red."""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels that answer one question."""

    title: str
    panels: Sequence[Panel]


def figure(name: str, *where: str) -> str:
    """A series of the chosen services."""
    return _selected(name, 'service=~"$service"', *where)


def rate(name: str, by: str = "", *where: str) -> str:
    """Per second, summed over processes."""
    return f"sum{_by(by)} (rate({figure(name, *where)}{RATE}))"


def quantiles(name: str, by: str, legend: str, *where: str) -> tuple[Line, Line]:
    """Half of all, and all but one of a hundred, were faster."""
    kept = f"{by}, le" if by else "le"
    grown = f"sum by ({kept}) (rate({figure(f'{name}_bucket', *where)}{RATE}))"
    half, nearly_all = (Line(f"histogram_quantile({q}, {grown})", f"{legend} {said}".strip()) for q, said in QUANTILES)
    return half, nearly_all


def stand(name: str, by: str, *where: str) -> str:
    """A gauge that every process reads from the same documents: any one of them says it."""
    selected = _selected(name, 'desk=~"$desk"', *where)
    return f"max by ({by}) ({selected})"


def _selected(name: str, *where: str) -> str:
    return f"{name}{{{', '.join(where)}}}"


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""


QUANTILES = (("0.5", "p50"), ("0.99", "p99"))
