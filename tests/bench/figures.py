"""Figures, what they were wanted to be, and how they are shown."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

AIM = re.compile(r"(ratio )?([≥≤=]) ([\d.,]*\d)\b")


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

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted; None where nothing is. Raises ValueError: its aim cannot be judged."""
        if not self.aim:
            return None
        found = AIM.match(self.aim)
        value = self.ratio if found and found[1] else self.value
        if found is None or value is None:
            raise ValueError(f"{self.name}: whether it is {self.aim!r} cannot be judged")
        bound = float(found[3].replace(",", ""))
        return {"≥": value >= bound, "≤": value <= bound, "=": value == bound}[found[2]]


Measured = Mapping[str, Sequence[Figure]]
"""Figures by section."""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; of none: 0."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else 0.0


def number(value: float) -> str:
    """As many digits as tell something."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.{1 if abs(value) >= 10 else 2}f}"


def verdict(one: Figure) -> str:
    """In a word."""
    return {None: "", True: "met", False: "short"}[one.met]


def beside(one: Figure) -> str:
    """The bare reference, with its name."""
    return f"{number(one.reference)} {one.reference_name}" if one.reference else ""


def show(measured: Measured) -> None:
    table = Table(title="Sanad on this machine, in this run", title_justify="left")
    for heading in ("figure", "value", "unit", "aim", "", "bare reference", "ratio"):
        table.add_column(heading, justify="right" if heading in {"value", "ratio"} else "left", overflow="fold")
    for section, figures in measured.items():
        table.add_section()
        table.add_row(f"[bold]{section}[/bold]")
        for one in figures:
            ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
            table.add_row(one.name, number(one.value), one.unit, one.aim, verdict(one), beside(one), ratio)
    Console(width=150).print(table)


def rows(figures: Iterable[Figure]) -> list[dict[str, object]]:
    """For JSON."""
    return [asdict(one) for one in figures]


def write(measured: Measured, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [
        {"section": section} | row | {"ratio": one.ratio, "met": one.met}
        for section, figures in measured.items()
        for one, row in zip(figures, rows(figures), strict=True)
    ]
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
