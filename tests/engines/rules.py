"""The rules for Prometheus as tests read them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.architecture.tree import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
COMPARISON = re.compile(
    r"(?P<series>[a-z_:][a-z0-9_:]*(?:\{[^}]*\})?)(?: offset \w+)? (?:==|!=|>=|<=|>|<) (?P<number>-?[0-9.e]+)"
)
"""All an alert may say: a series and a number; several of them joined by and, or, unless."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One of a file. `name` is that of the series or of the alert."""

    file: str
    name: str
    expr: str
    alerts: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    waits: str


def files() -> list[Path]:
    return sorted((FOLDER / "rules").glob("*.yml"))


def read() -> list[Rule]:
    """All of them."""
    return [rule for file in files() for rule in _read(file)]


def watched(expr: str) -> list[str]:
    """The series an alert compares with numbers. Raises ValueError for an alert that computes."""
    parts = re.split(r" (?:and|or|unless) ", expr)
    found = [COMPARISON.fullmatch(part.strip()) for part in parts]
    if not all(found):
        raise ValueError(f"an alert compares series with numbers and computes nothing: {expr}")
    return [one["series"] for one in found if one]


def _read(file: Path) -> Iterator[Rule]:
    for group in YAML(typ="safe").load(file)["groups"]:
        for rule in group["rules"]:
            yield _rule(file.name, rule)


def _rule(file: str, rule: Mapping[str, Any]) -> Rule:
    return Rule(
        file, rule.get("record") or rule["alert"], rule["expr"].strip(), "alert" in rule, rule.get("labels", {}),
        rule.get("annotations", {}), rule.get("for", ""),
    )  # fmt: skip
