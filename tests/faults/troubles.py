"""L5: what one desk suffers delays no other. Its neighbour is watched beside it, and what it waits for is measured by the log."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from tests.e2e.crashing.judging import marked
from tests.faults.house import House
from tests.faults.installing import NEIGHBOUR
from tests.faults.journal import Trouble
from tests.invariants.evidence import DESK, Evidence, Violation

CALM, ALWAYS = "nothing strikes, and it is well", "anything strikes"
BEFORE, AFTER = 3, 4
"""Seconds for which the neighbour is watched before a trouble, and when it was made: its work is done only then."""
BOUND = 10
"""Seconds in which 99 of a hundred of the neighbour's messages are settled, from the first knock at a door, whatever the
other desk suffers. On a busy machine of two cores it is half a second in the median."""
SHARE = 0.99
OUTCOMES = ("message.received", "message.set_aside")
ENOUGH = 3
"""After so many troubles at least one must have been measured."""


@asynccontextmanager
async def beside(house: House, fault: str) -> AsyncIterator[None]:
    """A trouble of the first desk while its neighbour is well and is watched; unwatched where it never is well."""
    neighbour = house.neighbour
    if neighbour is None or not await neighbour.is_well():
        yield
        return
    async with neighbour.hurried():
        began = _now()
        await asyncio.sleep(BEFORE)
        house.journal.troubles.append(Trouble(CALM, began, _now()))
        began = _now()
        yield
        await asyncio.sleep(AFTER)
        house.journal.troubles.append(Trouble(fault, began, _now()))


def waits(house: House, evidence: Evidence) -> dict[str, list[float]]:
    """Seconds until each of the neighbour's messages was settled, by what went on when it was sent.

    Not beside a trouble counts what was under way when a process or an engine was struck, too.
    """
    neighbour = house.neighbour
    if neighbour is None:
        return {}
    settled = {
        entry.body["message"]: entry.appended_at
        for entry in evidence.kept(DESK)
        if entry.desk == NEIGHBOUR and entry.kind in OUTCOMES
    }
    found: dict[str, list[float]] = {ALWAYS: []}
    for mark, ids in marked(evidence, neighbour.customers.begun).items():
        began = neighbour.customers.begun[mark]
        for at in (settled[one] for one in ids if one in settled):
            found[ALWAYS].append((at - began) / 1_000)
            for trouble in house.journal.troubles:
                if trouble.began <= began <= trouble.ended and not _struck(house, trouble.began, at):
                    found.setdefault(trouble.name, []).append((at - began) / 1_000)
    return found


def _struck(house: House, first: int, last: int) -> bool:
    return any(first <= blow.at <= last for blow in house.journal.blows)


def check_neighbour(house: House, evidence: Evidence) -> Iterator[Violation]:
    """L5."""
    measured = waits(house, evidence)
    for name, each in measured.items():
        if name not in {CALM, ALWAYS} and most(each) > BOUND:
            yield Violation(
                "L5", f"beside {name} the other desk waited {most(each):.1f} s, {BOUND} s at most are allowed"
            )
    if len(house.journal.troubles) >= 2 * ENOUGH and not measured.keys() - {CALM, ALWAYS}:
        yield Violation("L5", "nothing of what the other desk waited for beside a trouble could be measured")


def most(values: Sequence[float]) -> float:
    """Of 99 in a hundred: the longest."""
    return sorted(values)[math.ceil(len(values) * SHARE) - 1]


def _now() -> int:
    return time.time_ns() // 1_000_000
