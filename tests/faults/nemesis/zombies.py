"""SIGSTOP until the group has given somebody's partitions to others, then SIGCONT: it wakes up and believes nothing has changed."""

import asyncio
import random

from tests.faults.fault import Fault
from tests.faults.goals import ZOMBIES
from tests.faults.house import House
from tests.faults.journal import FROZEN, NODDED
from tests.faults.nemesis.deaths import LEASE

SESSION = 15
SHARING = ("router-0", "router-1", "sla-0", "sla-1", "survey-0", "projector-0", "projector-1")
DOORS = ("http-0", "http-1", "ingest-0", "ingest-1")
TOGETHER = 6


async def sleep_past_the_session(house: House, draw: random.Random) -> str | None:
    """Most of them at once: one of each pair stays awake or none."""
    return await _freeze(house, draw, draw.sample(SHARING, TOGETHER), SESSION + draw.uniform(2, 5))


async def sender_sleeps_past_its_lease(house: House, draw: random.Random) -> str | None:
    """Another one takes up its mail, which it believes to be its own when it wakes; others sleep, too."""
    sender = house.holder("ingest") or draw.choice(house.of("ingest"))
    return await _freeze(house, draw, [sender.name, *draw.sample(SHARING, 4)], LEASE + draw.uniform(2, 6))


async def nod_off(house: House, draw: random.Random) -> str | None:
    """Shorter than the group waits: nobody takes over, and nothing was missed."""
    return await _freeze(house, draw, draw.sample((*SHARING, *DOORS), 3), draw.uniform(2, 8))


async def _freeze(house: House, draw: random.Random, names: list[str], length: float) -> str | None:
    asleep = [house.members[name] for name in names if house.members[name].alive]
    for member in asleep:
        member.freeze()
        house.journal.note(FROZEN if length > SESSION else NODDED, member.name, held=member.holds)
    await asyncio.sleep(length)
    for member in asleep:
        member.thaw()
    await asyncio.sleep(draw.uniform(0, 1))
    await house.ready(*names)
    return None if asleep else "nobody was awake"


FAULTS = (
    Fault("frozen past the session, then awake", sleep_past_the_session, 5, 10, serves=(ZOMBIES,)),
    Fault("sender frozen past its lease, then awake", sender_sleeps_past_its_lease, 1, LEASE, serves=(ZOMBIES,)),
    Fault("frozen for some seconds", nod_off, 2),
)
