"""The mail provider takes connections and never answers."""

import asyncio
import random

from tests.faults.fault import Fault
from tests.faults.house import House


async def hangs(house: House, draw: random.Random) -> None:
    house.relay.tired = True
    await asyncio.sleep(draw.uniform(6, 15))
    house.relay.wake()


FAULTS = (Fault("mail provider hangs", hangs, 1, 75),)
