"""S7: every (ticket, target, cycle) ends in exactly one of met, breached, cancelled, as the log says it must."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.invariants.evidence import DESK, SLA, Entry, Evidence, Violation

VERDICTS = ("target.met", "target.breached", "target.cancelled")
Key = tuple[str, str, str, int]
PROMISE = "promise"
"""Several people may promise something about one ticket at the same time, each promise a cycle of its own."""


@dataclass(slots=True)
class Running:
    """A clock between its start and its verdict."""

    due_at: int | None
    paused: bool = False
    warned: frozenset[int] = frozenset()


def check_clocks(evidence: Evidence) -> Iterator[Violation]:
    running: dict[Key, Running] = {}
    judged: dict[Key, Entry] = {}
    cycles: dict[tuple[str, str, str], int] = {}
    for entry in evidence.kept(SLA):
        body = entry.body
        key = (entry.desk, body["ticket"], body["target"], body["cycle"])
        if entry.kind == "target.started":
            yield from _start(entry, key, running, cycles)
        elif entry.kind in VERDICTS and key in judged:
            yield Violation("S7", f"it was judged already: {judged[key]}", entry)
        elif key not in running:
            yield Violation("S7", "no such clock is running", entry)
        elif entry.kind in VERDICTS:
            yield from _judge(entry, running.pop(key))
            judged[key] = entry
        else:
            yield from _move(entry, running[key])
    yield from _forgotten(evidence, running)


def _start(
    entry: Entry, key: Key, running: dict[Key, Running], cycles: dict[tuple[str, str, str], int]
) -> Iterator[Violation]:
    newest = cycles.get(key[:3], 0)
    if entry.body["cycle"] != newest + 1:
        yield Violation("S7", f"cycle {entry.body['cycle']} began after {newest}", entry)
    if key[2] != PROMISE and any(other[:3] == key[:3] for other in running):
        yield Violation("S7", "the cycle before still runs", entry)
    cycles[key[:3]] = entry.body["cycle"]
    running[key] = Running(entry.body.get("due_at"))


def _move(entry: Entry, clock: Running) -> Iterator[Violation]:
    kind, body = entry.kind, entry.body
    if kind == "target.paused":
        if clock.paused:
            yield Violation("S7", "it stood already", entry)
        clock.paused = True
    elif kind == "target.resumed":
        if not clock.paused:
            yield Violation("S7", "it ran already", entry)
        clock.paused, clock.due_at = False, body.get("due_at")
    elif kind == "target.replanned":
        clock.due_at = body.get("due_at")
    elif kind == "target.warned":
        if body["warning"] in clock.warned:
            yield Violation("S7", "this warning was given already", entry)
        clock.warned |= {body["warning"]}


def _judge(entry: Entry, clock: Running) -> Iterator[Violation]:
    body = entry.body
    if entry.kind == "target.met":
        if clock.due_at is not None and not clock.paused and body["stopped_at"] > clock.due_at:
            yield Violation("S7", f"it was late: due at {clock.due_at}", entry)
    elif entry.kind == "target.breached":
        if clock.paused:
            yield Violation("S7", "it stood still, it cannot be late", entry)
        if body["due_at"] != clock.due_at or entry.time <= body["due_at"]:
            yield Violation("S7", f"it was due at {clock.due_at}, judged at {entry.time}", entry)


def _forgotten(evidence: Evidence, running: dict[Key, Running]) -> Iterator[Violation]:
    """L3: once all is silent, no clock is past its deadline without a verdict, on a desk nobody writes to either."""
    latest = {entry.desk: entry.time for entry in evidence.kept(DESK)}
    for key, clock in running.items():
        known = max(latest.get(key[0], 0), evidence.ended_at)
        if clock.due_at is not None and not clock.paused and clock.due_at < known:
            yield Violation("L3", f"the clock {key} was due at {clock.due_at} and nobody judged it by {known}")
