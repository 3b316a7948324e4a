"""What to say about a seed that failed: what broke first, and the few records that matter to it."""

from collections.abc import Iterator

from tests.invariants.evidence import Entry, Violation
from tests.simulation.run import Result

SHOWN = 8
IDS = ("work", "ticket", "message", "conversation", "survey", "delivery", "task", "agent", "command")


def tell(result: Result) -> str:
    """A paragraph per seed."""
    if not result.failed:
        return (
            f"seed {result.seed}: nothing wrong; {result.records} records, {result.facts} facts, {dict(result.counts)}"
        )
    lines = [
        f"seed {result.seed}: {', '.join(result.promises)} (again: python -m tests.simulation --seed {result.seed})"
    ]
    if result.error:
        lines.append(result.error)
    lines += [f"  {violation}" for violation in result.violations[:SHOWN]]
    first = first_bad(result.violations)
    if first is not None and first.entry is not None:
        lines.append(
            f"  first bad prefix: {first.entry.topic}/{first.entry.partition} up to {first.entry.offset}; of it:"
        )
        lines += [f"    {entry}" for entry in minimal(result.entries, first.entry)]
    return "\n".join(lines)


def first_bad(violations: list[Violation]) -> Violation | None:
    """The violation whose record comes first in time."""
    placed = [violation for violation in violations if violation.entry is not None]
    return min(
        placed, key=lambda each: (each.entry.appended_at, each.entry.offset) if each.entry else (0, 0), default=None
    )


def minimal(entries: list[Entry], bad: Entry) -> Iterator[Entry]:
    """The bad record and those before it in its log that share an id with it, and its cause."""
    mine = {str(bad.body[name]) for name in IDS if bad.body.get(name)}
    for entry in entries:
        theirs = {str(entry.body[name]) for name in IDS if entry.body.get(name)}
        before = entry.topic == bad.topic and entry.offset <= bad.offset and entry.desk == bad.desk
        if (before and mine & theirs) or entry.id == bad.causation:
            yield entry
