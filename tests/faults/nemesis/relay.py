"""The mail provider takes connections and never answers."""

import asyncio
import random

from tests.faults.fault import Fault, Strike
from tests.faults.house import House

LONG = 1_800
"""Seconds of a campaign that has time for it."""


def hangs(shortest: float, longest: float) -> Strike:
    """Who waited then is hung up on."""

    async def strike(house: House, draw: random.Random) -> None:
        house.relay.tired = True
        await asyncio.sleep(draw.uniform(shortest, longest))
        house.relay.wake()

    return strike


FAULTS = (
    Fault("mail provider hangs", hangs(6, 15), 1, 75),
    Fault("mail provider hangs past every lease", hangs(60, 120), 1, 300, worth=LONG),
)
