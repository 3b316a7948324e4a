"""R5, R6: ids are made from causes, by anybody, always the same."""

from collections.abc import Iterator
from functools import lru_cache
from uuid import UUID, uuid5

from tests.invariants.evidence import FACTS, SLA, Evidence, Violation

NAMESPACE = UUID("6f0c5f0e-7d5b-5d0e-9a55-5a1ad0000001")
VERDICTS = ("target.met", "target.breached", "target.cancelled")


@lru_cache(maxsize=100_000)
def name_of(*parts: str | int) -> str:
    """UUIDv5 of the parts, as the standard library makes it."""
    return str(uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


def check_ids(evidence: Evidence) -> Iterator[Violation]:
    """A fact's id is that of (desk, topic, seq): the same on every worker, another on every desk."""
    for topic in FACTS:
        for entry in evidence.all(topic):
            if entry.kind and entry.id != name_of(entry.desk, topic, entry.seq):
                yield Violation("S12", f"its id {entry.id} is not that of its desk, topic and seq", entry)


def check_verdict_ids(evidence: Evidence) -> Iterator[Violation]:
    """One id per (ticket, target, cycle), whatever the outcome: two verdicts would collide."""
    for entry in evidence.all(SLA):
        if entry.kind in VERDICTS:
            body = entry.body
            if body["verdict"] != name_of(body["ticket"], body["target"], body["cycle"]):
                yield Violation("S7", "its verdict id is not that of its ticket, target and cycle", entry)
