"""What is wrong with a desk.yaml: every finding with its place, its path and the way to put it right."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

Steps = tuple[str | int, ...]
"""The way from the top of the file to a value: keys and, in lists, positions from 0."""


class Fault(NamedTuple):
    """A finding whose place in the file is not known yet."""

    steps: Steps
    wrong: str
    fix: str
    at_key: bool = False
    """The name is what is wrong, not what stands behind it."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Line and column count from 1."""

    line: int
    column: int
    path: str
    wrong: str
    fix: str

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        return f"line {self.line}, column {self.column}: {path}{self.wrong}; {self.fix}"


class PolicyErrors(ValueError):
    """The file can't be used. Holds everything found, in the order of the file."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))


def spell(steps: Steps) -> str:
    """`rules[3].when.words` for ("rules", 3, "when", "words")."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
