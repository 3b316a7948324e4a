"""SIGSTOP until the group has given somebody's partitions to others, then SIGCONT: it wakes up and believes nothing has changed."""

import asyncio
import random

from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.journal import FROZEN

SESSION = 15
SHARING = ("router-0", "router-1", "sla-0", "sla-1", "survey-0", "projector-0", "projector-1")


async def sleep_past_the_session(house: House, draw: random.Random) -> None:
    """Several at once, of different services or the same: one of each pair stays awake or none."""
    await _freeze(house, draw, draw.sample(SHARING, 4), SESSION + draw.uniform(2, 5))


async def nod_off(house: House, draw: random.Random) -> None:
    """Shorter than the group waits: nobody takes over, and nothing was missed."""
    await _freeze(house, draw, draw.sample((*SHARING, "http-0", "ingest-0"), 3), draw.uniform(2, 8))


async def _freeze(house: House, draw: random.Random, names: list[str], length: float) -> None:
    asleep = [house.members[name] for name in names if house.members[name].alive]
    for member in asleep:
        member.freeze()
        if length > SESSION:
            house.journal.note(FROZEN, member.name)
    await asyncio.sleep(length)
    for member in asleep:
        member.thaw()
    await asyncio.sleep(draw.uniform(0, 1))
    await house.ready(*names)


FAULTS = (
    Fault("frozen past the session, then awake", sleep_past_the_session, 5, 10),
    Fault("frozen for some seconds", nod_off, 2),
)
