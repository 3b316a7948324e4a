"""SIGKILL: of each service at random, of several at once, of one that does not come back soon, and at named points."""

import asyncio
import random
import time

from tests.faults.fault import Fault, Strike
from tests.faults.house import House
from tests.faults.member import LOOK, Member
from tests.faults.points import POINTS, TOLD_TO_STOP

TOGETHER = 4
"""Processes struck at once."""
DIES_WITHIN = 6
"""Seconds a process that is ready and has a death built in is waited for; whoever outlives them may still die of it later."""
MISSED = 17
"""Seconds after which the group has given the partitions of somebody lost to others."""
LEASE = 35
"""Seconds after which mail that was under way at a death is taken up by another sender."""


def of(kind: str) -> Strike:
    """The death of one process of that service at any moment, and its return."""

    async def strike(house: House, draw: random.Random) -> None:
        member = draw.choice(house.of(kind))
        house.kill(member)
        await house.ready(member.name)
        await asyncio.sleep(draw.uniform(0, 1))

    return strike


async def several(house: House, draw: random.Random) -> None:
    dead = draw.sample(house.of("router", "sla", "survey", "projector", "http"), TOGETHER)
    for member in dead:
        house.kill(member)
    await house.ready(*(member.name for member in dead))


async def again_while_starting(house: House, draw: random.Random) -> None:
    member = draw.choice(house.of("router", "sla", "survey", "projector"))
    for _ in range(3):
        house.kill(member)
        await asyncio.sleep(draw.uniform(0.3, 3))
    await house.ready(member.name)


async def lost(house: House, draw: random.Random) -> None:
    """Others take over what it had, from what it had saved."""
    member = draw.choice(house.of("router", "sla", "projector"))
    member.wanted = False
    house.kill(member)
    await asyncio.sleep(MISSED + draw.uniform(0, 3))
    house.start(member)
    await house.ready(member.name)


def at_points(*, sender: bool) -> Strike:
    """Those struck least so far, each where it was struck least. Only the sender's deaths outlast a lease."""

    async def strike(house: House, draw: random.Random) -> None:
        dying: dict[str, Member] = {}
        wanted = [(name, kind) for name, point in POINTS.items() for kind in point.services]
        wanted = [(name, kind) for name, kind in wanted if (kind == "ingest") is sender]
        draw.shuffle(wanted)
        wanted.sort(key=lambda one: (house.journal.struck(one[0]), house.journal.points[one]))
        for name, kind in wanted:
            free = [member for member in house.of(kind) if member.name not in dying]
            if free and len(dying) < TOGETHER:
                member = dying[draw.choice(free).name] = draw.choice(free)
                await _build_in(house, member, name, draw)
        await _await_deaths(house, dying)
        await house.ready(*dying)

    return strike


async def _build_in(house: House, member: Member, point: str, draw: random.Random) -> None:
    """It is killed, comes back with its death, and is told to stop where only that leads there."""
    member.wanted = False
    house.kill(member)
    house.start(member, f"{point}:{draw.randint(1, POINTS[point].latest)}")
    if point == TOLD_TO_STOP:
        await house.ready(member.name)
        member.tell_to_stop()


async def _await_deaths(house: House, dying: dict[str, Member]) -> None:
    """Each has so long from when it works."""
    await asyncio.gather(*(_await_death(house, member) for member in dying.values()))


async def _await_death(house: House, member: Member) -> None:
    ready_at: float | None = None
    while member.death and (ready_at is None or time.monotonic() - ready_at < DIES_WITHIN):
        await asyncio.sleep(LOOK)
        if ready_at is None and await member.is_ready():
            ready_at = time.monotonic()


FAULTS = (
    *(
        Fault(f"{kind} killed", of(kind), often)
        for kind, often in {"router": 3, "sla": 2, "survey": 2, "projector": 2, "http": 2}.items()
    ),
    Fault("ingest killed", of("ingest"), 2, LEASE),
    Fault("four services killed at once", several, 8),
    Fault("killed again while starting", again_while_starting, 2),
    Fault("killed, and gone for longer than the group waits", lost),
    Fault("killed at named points", at_points(sender=False), 7),
    Fault("sender killed at a named point", at_points(sender=True), 6, LEASE),
)
