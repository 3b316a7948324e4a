"""The campaign in figures: what struck how often, how soon the desk went on, what was found; FAULTS.md is written from here."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.faults.campaign import Outcome
from tests.faults.goals import Goals
from tests.faults.house import House
from tests.faults.journal import (
    AT_POINT,
    BROKER,
    DATABASE,
    ENDED,
    EVERY_NODE,
    FROZEN,
    FULL,
    KILLED,
    LEADER,
    NODDED,
    STOPPED,
    Blow,
    Journal,
)
from tests.faults.points import POINTS
from tests.faults.recovery import WHY, median, recovery, slow
from tests.faults.troubles import BOUND, most, waits

REPORT = Path(__file__).with_name("FAULTS.md")
HEAVIEST = 450 << 20
"""Bytes a process of Python may have at most under faults."""
MOST_FILES = 1_000
UNDER_WAY = 8
"""Mails a sender has under way at most, each of which may arrive twice where it cannot say what became of it."""


def write_report(house: House, outcome: Outcome, asked: str, goals: Goals) -> str:
    """Without dates and places, so that a repeat can be compared."""
    verdict, journal = outcome.verdict, house.journal
    assert verdict is not None
    return "\n".join(
        [
            "# Faults",
            "",
            f"Written by `{asked}`. {house.nodes} node{'s' if house.nodes > 1 else ''} of Kafka, a MongoDB stand-in that",
            f"keeps what it acknowledged, shell: {house.shell}; every service a process of its own, those that share two.",
            "Customers, agents and a lead are busy all the time and repeat what was not answered. Faults strike one after",
            "another, in the order of the seed; then everything heals and comes to rest, and is judged: S1 to S13 by the",
            "checkers of `tests/invariants`, what clients were told against the log, every projection and decision derived",
            "once more from the log alone, the live feed against the log. A second desk, of another organisation, has",
            "customers and a lead of its own; it is judged alike, and it must feel nothing of what the first one suffers.",
            "",
            _headline(house, outcome),
            "",
            "| goal of an hour | wanted | reached |",
            "|---|---|---|",
            *(f"| {goal.name} | {goal.wanted} | {goal.reached} |" for goal in goals.table(journal)),
            "",
            "| fault | strikes | seconds each, median / longest |",
            "|---|---|---|",
            *(
                f"| {name} | {count} | {_spread(journal.lengths[name])} |"
                for name, count in sorted(journal.strikes.items())
            ),
            *(f"| {name} | not struck here: {why} | |" for name, why in sorted(_spared(journal))),
            "",
            "| killed at | times | services |",
            "|---|---|---|",
            *(_point(house, point) for point in POINTS),
            "",
            "| until it went on (seconds) | times | median / longest |",
            "|---|---|---|",
            *(
                f"| {what} | {len(each)} | {_spread(each)} |"
                for what, each in recovery(house, verdict.evidence).items()
            ),
            "",
            WHY,
            "",
            f"| the other desk's messages settled within {BOUND} s (99 of 100), while | times | messages | seconds, median / 99 % / longest |",
            "|---|---|---|---|",
            *(_beside(journal, what, each) for what, each in waits(house, verdict.evidence).items()),
            "",
            "| figure | |",
            "|---|---|",
            *(f"| {what} | {figure} |" for what, figure in _figures(house, outcome)),
            "",
            "What cannot be tested on one machine without containers: loss of power (what a disk had promised and not",
            "kept), several hosts, and a network that separates them.",
            "",
        ]
    )


def _headline(house: House, outcome: Outcome) -> str:
    journal, found = house.journal, outcome.verdict.violations if outcome.verdict else []
    counts = [
        f"{journal.strikes.total()} strikes in {outcome.struck_for:.0f} s: {journal.service_kills} services killed",
        f"{len(journal.of(BROKER, LEADER, EVERY_NODE))} nodes of Kafka killed",
        f"{len(journal.of(DATABASE))} times the database",
        f"{len(journal.of(FROZEN))} zombies",
        f"{len(found)} violations",
    ]
    return f"**{', '.join(counts)}.**"


def _figures(house: House, outcome: Outcome) -> Iterable[tuple[str, object]]:
    verdict, journal = outcome.verdict, house.journal
    assert verdict is not None
    yield "messages acknowledged, each found exactly once", outcome.messages
    yield "attempts to deliver them", outcome.deliveries
    yield "messages the other desk acknowledged, each found exactly once", outcome.neighbours
    yield "times one desk asked for what is the other's, and was told nothing", outcome.questions
    yield "writes answered, each as the log says", outcome.writes
    yield "survey answers given", outcome.scores
    yield (
        "events heard live by one listener, in order, none twice",
        f"{outcome.heard} in {outcome.calls} calls",
    )
    yield "records in the logs", verdict.records.total()
    yield "of them copies that readers dropped", verdict.copies.total()
    yield "mails sent, each arrived", outcome.mails
    yield "mails that arrived once more", outcome.mails_twice
    yield "seconds from start to ready of a process, median / longest", _spread(journal.starts)
    yield "seconds from the last strike to rest", f"{outcome.rested_after:.0f}"
    yield "processes that ended by themselves and were started again", len(journal.of(ENDED))
    for blow in journal.of(FULL):
        yield f"{blow.whom} without room", blow.more
    for reason, count in sorted(endings(house).items()):
        yield f"of them {reason}", count
    for kind, (rss, files) in sorted(house.heaviest.items()):
        yield f"most memory and open files of {kind}", f"{rss >> 20} MiB, {files}"


def _spared(journal: Journal) -> Iterator[tuple[str, str]]:
    """Faults that never struck, and why."""
    return ((name, why) for name, why in journal.spared.items() if not journal.strikes[name])


def _beside(journal: Journal, what: str, each: Sequence[float]) -> str:
    often = sum(trouble.name == what for trouble in journal.troubles)
    figures = f"{median(each):.1f} / {most(each):.1f} / {max(each):.1f}" if each else "never"
    return f"| {what} | {often or ''} | {len(each)} | {figures} |"


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.1f} / {max(values):.1f}" if values else "never"


def _point(house: House, point: str) -> str:
    where = {kind: count for (name, kind), count in house.journal.points.items() if name == point}
    return (
        f"| {point} | {sum(where.values())} | {', '.join(f'{kind} {count}' for kind, count in sorted(where.items()))} |"
    )


def complaints(house: House, outcome: Outcome, goals: Goals | None = None) -> list[str]:
    """Everything that is not as it should be; also each goal that was missed, where there are any."""
    if outcome.verdict is None:
        return ["nothing was judged"]
    return [
        *map(str, outcome.verdict.violations),
        *outcome.broken,
        *(f"{name} was told to stop and ended with {code}" for name, code in outcome.codes.items() if code),
        *_swollen(house),
        *(f"{blow.whom} ended by itself: {blow.more}" for blow in house.journal.of(ENDED)),
        *_repeated(house.journal, outcome.mails_twice),
        *slow(house, outcome.verdict.evidence),
        *(goals.missed(house.journal) if goals else ()),
    ]


def _swollen(house: House) -> Iterator[str]:
    for kind, (rss, files) in house.heaviest.items():
        if rss > HEAVIEST:
            yield f"{kind} grew to {rss >> 20} MiB"
        if files > MOST_FILES:
            yield f"{kind} had {files} files open"


def _repeated(journal: Journal, twice: int) -> Iterator[str]:
    """S2 outside: a mail is repeated only where its sender was struck, or could not note that it was sent."""
    blows = journal.of(KILLED, AT_POINT, FROZEN, NODDED, STOPPED, ENDED)
    struck = sum(blow.whom.startswith("ingest") for blow in blows)
    troubles = sum(count for name, count in journal.strikes.items() if name.startswith("database"))
    if twice > UNDER_WAY * (struck + troubles):
        yield f"{twice} mails arrived twice: more than were under way at {struck + troubles} blows to their sender"


def endings(house: House) -> Counter[str]:
    """Why processes ended by themselves, as their logs say, how often."""
    return Counter(_reason(blow) for blow in house.journal.of(ENDED))


def _reason(blow: Blow) -> str:
    told = re.findall(r'"error": "(\w+)", "where": "([^"]*)"', blow.more)
    error, where = told[-1] if told else ("nothing said", "")
    return f"{blow.whom.partition('-')[0]}: {error} {where}".strip()
