"""A machine whose clock is wrong: the clock port of one process is off, as its launcher makes it (`SKEW`, milliseconds).

There is no faketime among what this suite may count on; what reads the machine's clock past the port stays right.
"""

import asyncio
import random

from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.launcher import SKEW

FURTHEST = 40_000


async def wrong(house: House, draw: random.Random) -> None:
    member = draw.choice(house.of("router", "sla", "survey", "projector", "http", "ingest"))
    await _again(house, member.name, **{SKEW: str(draw.choice((-1, 1)) * draw.randint(5_000, FURTHEST))})
    await asyncio.sleep(draw.uniform(3, 8))
    await _again(house, member.name)


async def _again(house: House, name: str, **more: str) -> None:
    member = house.members[name]
    await house.stop(member)
    house.start(member, **more)
    await house.ready(name)


FAULTS = (Fault("one process's clock wrong", wrong, 1, 80),)
