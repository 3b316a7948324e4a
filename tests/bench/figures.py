"""Figures, and how they are shown."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement. `reference` is the bare figure of the same run it stands beside; `aim` is what we want."""

    name: str
    value: float
    unit: str
    reference: float | None = None
    reference_name: str = ""
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; of none: 0."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else 0.0


def show(figures: Iterable[Figure]) -> None:
    table = Table(title="Sanad on this machine, in this run", title_justify="left")
    for heading in ("figure", "value", "unit", "aim", "bare reference", "ratio"):
        table.add_column(heading, justify="right" if heading in {"value", "ratio"} else "left", overflow="fold")
    for one in figures:
        reference = f"{one.reference:,.1f} {one.reference_name}" if one.reference else ""
        ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
        table.add_row(one.name, f"{one.value:,.2f}", one.unit, one.aim, reference, ratio)
    Console(width=150).print(table)


def write(figures: Iterable[Figure], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(one) | {"ratio": one.ratio} for one in figures]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
