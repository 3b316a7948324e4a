"""Upgrades as an operator rolls them out: one process after another is told to stop and started again."""

import asyncio
import random

from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.member import SERVICES, Member


async def rolling(house: House, draw: random.Random) -> None:
    """All of them: every service's processes in any order, the services at the same time."""
    await asyncio.gather(*(_roll(house, draw.sample(these, len(these))) for these in map(house.of, SERVICES)))


async def _roll(house: House, members: list[Member]) -> None:
    for member in members:
        await house.stop(member)
        house.start(member)
        await house.ready(member.name)


FAULTS = (Fault("rolling restart of all services", rolling, 1, 35),)
