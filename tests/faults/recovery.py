"""How soon the desk went on after a blow, from the times of the log; what is asked of that, and why it takes so long."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.faults.house import House
from tests.faults.journal import AT_POINT, DATABASE, EVERY_NODE, FROZEN, KILLED, LEADER, NOTICED, Blow
from tests.faults.member import DESKS_PARTITION
from tests.invariants.evidence import COMMANDS, DESK, SLA, SURVEYS, Evidence

RACE = 20
"""Milliseconds in which what was under way at a blow still comes out."""
ENOUGH = 5
"""So many blows make a median."""
WHY = """\
Only a process counts that had the desk's partition at the blow. Who dies comes back under the name its group knows and
is given its partitions without anybody else; the rest is the start of a Python process beside a dozen busy others, loading what
was saved, and the records since. Who stays away, or sleeps, is missed after the group's session of 15 s. A consumer that
stands still is told by its own process after 16 s and ends at 22 s. Kafka's leader: its controllers notice that a broker is
gone, elect, and clients ask for the new one. Facts of sla and survey come only when there is something to decide."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From blows of these kinds, to a holder of the partition in that service where one is named, to a record of `topic`.

    `median` is the most it may be, in seconds; 0 where nothing is asked.
    """

    what: tuple[str, ...]
    topic: str
    service: str = ""
    median: float = 0


STRETCHES = {
    "router killed → next decision": Stretch((KILLED, AT_POINT), DESK, "router", 20),
    "sla killed → next fact of sla": Stretch((KILLED, AT_POINT), SLA, "sla"),
    "survey killed → next fact of survey": Stretch((KILLED, AT_POINT), SURVEYS, "survey"),
    "router silent → next decision": Stretch((FROZEN,), DESK, "router"),
    "Kafka's leader killed → next write": Stretch((LEADER,), COMMANDS, median=10),
    "every node of Kafka killed → next write": Stretch((EVERY_NODE,), COMMANDS),
    "database killed → next decision": Stretch((DATABASE,), DESK),
}
STANDSTILL = "consumer stands still → its process has ended"
NOTICED_WITHIN = 30
"""Seconds, each time."""


def recovery(house: House, evidence: Evidence) -> dict[str, list[float]]:
    """Seconds, by what was struck."""
    found = {}
    for name, stretch in STRETCHES.items():
        struck = (entry for entry in evidence.all(stretch.topic) if entry.partition == DESKS_PARTITION)
        times = sorted(entry.appended_at for entry in struck)
        found[name] = _until(times, _blows(house, stretch))
    found[STANDSTILL] = [float(blow.more) for blow in house.journal.of(NOTICED)]
    return found


def slow(house: House, evidence: Evidence) -> Iterator[str]:
    """What took longer than it may."""
    found = recovery(house, evidence)
    for name, stretch in STRETCHES.items():
        if stretch.median and len(found[name]) >= ENOUGH and median(found[name]) > stretch.median:
            yield f"{name}: {median(found[name]):.1f} s in the median, more than {stretch.median} s"
    for blow in house.journal.of(NOTICED):
        if float(blow.more) > NOTICED_WITHIN:
            yield f"{blow.whom} stood still, and ended only after {blow.more} s"


def median(values: Sequence[float]) -> float:
    """The middle one, the upper of two."""
    return sorted(values)[len(values) // 2]


def _blows(house: House, stretch: Stretch) -> list[Blow]:
    blows = house.journal.of(*stretch.what)
    if stretch.service:
        return [one for one in blows if one.whom.partition("-")[0] == stretch.service and one.held]
    if EVERY_NODE in stretch.what:  # the last of them ends it
        return blows[house.nodes - 1 :: house.nodes]
    return blows


def _until(times: Sequence[int], blows: Iterable[Blow]) -> list[float]:
    found = []
    for blow in blows:
        place = bisect_right(times, blow.at + RACE)
        if place < len(times):
            found.append((times[place] - blow.at) / 1_000)
    return found
