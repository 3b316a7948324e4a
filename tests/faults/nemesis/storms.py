"""Processes that come and go faster than a group settles."""

import asyncio
import random

from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.nemesis.deaths import LEASE

GUESTS = 3


async def guests(house: House, draw: random.Random) -> None:
    """Each joins, stays a moment, and leaves politely or not at all politely."""
    come = []
    for _ in range(GUESTS):
        come.append(house.join(draw.choice(("router", "sla", "survey", "projector", "ingest"))))
        await asyncio.sleep(draw.uniform(0.5, 3))
    for guest in come:
        await asyncio.sleep(draw.uniform(0, 2))
        if draw.random() < 0.3:
            guest.wanted = False
            house.kill(guest)
            house.members.pop(guest.name, None)
        else:
            await house.leave(guest)
    await house.ready(*house.members)


FAULTS = (Fault("storm of members that join and leave", guests, 2, LEASE),)
