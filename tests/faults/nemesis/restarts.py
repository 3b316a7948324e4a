"""Upgrades as an operator rolls them out: one process after another is told to stop and started again."""

import random

from tests.faults.fault import Fault
from tests.faults.house import House


async def rolling(house: House, draw: random.Random) -> None:
    """All of them, in any order."""
    everybody = list(house.members.values())
    draw.shuffle(everybody)
    for member in everybody:
        await house.stop(member)
        house.start(member)
        await house.ready(member.name)


FAULTS = (Fault("rolling restart of all services", rolling, 1, 35),)
