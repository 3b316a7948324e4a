"""S12: nothing of one organisation reaches another: every id lives in the desk that first named it."""

from collections.abc import Iterator
from typing import Any

from tests.invariants.evidence import COMMANDS, DELIVERIES, DESK, SLA, SURVEYS, Entry, Evidence, Violation

OWN = ("ticket", "conversation", "message", "customer", "contact", "work", "task", "survey", "delivery")
"""Fields whose ids belong to one desk. Agents, teams and accounts are names the desk chose; equal ones mean nothing."""


def check_isolation(evidence: Evidence) -> Iterator[Violation]:
    homes: dict[tuple[str, str], str] = {}
    for topic in (DESK, SLA, SURVEYS, DELIVERIES):
        for entry in evidence.all(topic):
            owner = evidence.organisations.get(entry.desk)
            if owner is not None and entry.organisation != owner:
                yield Violation("S12", f"it says organisation {entry.organisation}, its desk belongs to {owner}", entry)
            for name, value in _ids(entry):
                home = homes.setdefault((name, value), entry.desk)
                if home != entry.desk:
                    yield Violation("S12", f"{name} {value} belongs to desk {home}", entry)
    yield from _written_for_others(evidence)


def _ids(entry: Entry) -> Iterator[tuple[str, str]]:
    for name in OWN:
        value: Any = entry.body.get(name)
        if isinstance(value, str):
            yield name, value


def _written_for_others(evidence: Evidence) -> Iterator[Violation]:
    """Commands of services speak for the desk they are keyed by, and for no other."""
    for entry in evidence.all(COMMANDS):
        by = entry.body.get("by", {})
        if entry.source in ("sla", "survey", "router") and by and by.get("desk") != entry.desk:
            yield Violation("S12", f"{entry.source} asked in the name of desk {by.get('desk')}", entry)
