"""S4: `seq` is dense per (topic, desk), and everybody who writes a fact again writes the same fact in the same order."""

from collections import Counter
from collections.abc import Iterator

from tests.invariants.evidence import DESK, FACTS, ONE_WRITER, Entry, Evidence, Violation

MOST_FACTS = 100


def check_order(evidence: Evidence) -> Iterator[Violation]:
    """A gap is a lost fact; two contents under one seq are two truths."""
    for topic in ONE_WRITER:
        first: dict[tuple[str, int], Entry] = {}
        marks: dict[str, int] = {}
        for entry in evidence.all(topic):
            if not entry.kind:
                yield Violation("S4", "a record of a fact topic cannot be read", entry)
                continue
            yield from _judge(entry, first, marks)


def _judge(entry: Entry, first: dict[tuple[str, int], Entry], marks: dict[str, int]) -> Iterator[Violation]:
    known = first.setdefault((entry.desk, entry.seq), entry)
    newest = marks.get(entry.desk, 0)
    if known is not entry:
        if known.content != entry.content:
            yield Violation("S4", f"seq {entry.seq} was written twice, differently (first: {known})", entry)
    elif entry.seq == newest + 1:
        marks[entry.desk] = entry.seq
    else:
        yield Violation("S4", f"seq {entry.seq} came after {newest}: something between them is lost", entry)


def check_time(evidence: Evidence) -> Iterator[Violation]:
    """A desk's time never runs backwards, and never ahead of the log that gave it (R3)."""
    for topic in FACTS:
        latest: dict[str, int] = {}
        for entry in evidence.kept(topic):
            if entry.time < latest.get(entry.desk, 0):
                yield Violation("S4", f"time went back from {latest[entry.desk]}", entry)
            if entry.time > entry.appended_at:
                yield Violation("S4", f"the fact is later than the log that holds it ({entry.appended_at})", entry)
            latest[entry.desk] = entry.time


def check_sizes(evidence: Evidence) -> Iterator[Violation]:
    """R10: one command of the desk has a hundred facts at most."""
    sizes: Counter[tuple[str, int]] = Counter()
    for entry in evidence.kept(DESK):
        sizes[entry.desk, entry.position] += 1
        if sizes[entry.desk, entry.position] == MOST_FACTS + 1:
            yield Violation("R10", f"the command at {entry.position} has more than {MOST_FACTS} facts", entry)


def check_groups(evidence: Evidence) -> Iterator[Violation]:
    """The facts of one input stand together, the last one marked, inputs in order: facts alone can be folded (R4)."""
    for topic in FACTS:
        before: dict[str, Entry] = {}
        for entry in evidence.kept(topic):
            earlier = before.get(entry.desk)
            before[entry.desk] = entry
            if earlier is None:
                continue
            if earlier.last and entry.position <= earlier.position:
                yield Violation("S4", f"its input comes before that of {earlier}", entry)
            if not earlier.last and entry.position != earlier.position:
                yield Violation("S4", f"the facts of one input were torn apart after {earlier}", entry)
        for entry in before.values():
            if not entry.last:
                yield Violation("S4", "the facts of the last input are incomplete", entry)
