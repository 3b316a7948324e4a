"""SIGKILL: of each service at random, of several at once, of one that does not come back soon, and at named points."""

import asyncio
import random
import time

from tests.faults.fault import Fault, Strike
from tests.faults.goals import DEATHS, SERVICE_KILLS
from tests.faults.house import House
from tests.faults.member import CONSUMERS, LOOK, SERVICES, Member
from tests.faults.points import ANYWHERE, TOLD_TO_STOP

TOGETHER = 5
"""Processes struck at once."""
IN_A_ROW = 3
"""Deaths of one process at named points, one after another, each built in when it comes back from the one before."""
DYING_WITHIN = 40
"""Seconds a row may take."""
DIES_WITHIN = 8
"""Seconds a process that is ready and has a death built in is waited for; whoever outlives them may still die of it later."""
MISSED = 17
"""Seconds after which the group has given the partitions of somebody lost to others."""
SENDER = "ingest"
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


async def at_points(house: House, draw: random.Random) -> None:
    """Where anybody was struck least so far: the senders, and as many others as start in bearable time."""
    others = [kind for kind in SERVICES if kind != SENDER]
    rows = plan_rows(house, draw, [SENDER]) | plan_rows(house, draw, others)
    await asyncio.gather(*(_die(house, house.members[name], deaths) for name, deaths in rows.items()))
    await house.ready(*rows)


def plan_rows(house: House, draw: random.Random, kinds: list[str]) -> dict[str, list[str]]:
    """By process the deaths it is to die in a row; among processes of one service whoever passes there."""
    wanted = [(name, kind) for name, point in house.points.items() for kind in point.services if kind in kinds]
    draw.shuffle(wanted)
    wanted.sort(key=lambda one: (house.journal.struck(one[0]), house.journal.points[one]))
    rows: dict[str, list[str]] = {}
    for name, kind in wanted:
        able = [one for one in house.of(kind) if name in ANYWHERE or kind not in CONSUMERS or one.holds]
        free = [one for one in able or house.of(kind) if one.name in rows or len(rows) < TOGETHER]
        free = [one for one in free if len(rows.get(one.name, ())) < IN_A_ROW]
        if free:
            one = min(free, key=lambda one: len(rows.get(one.name, ())))
            rows.setdefault(one.name, []).append(f"{name}:{draw.randint(1, house.points[name].latest)}")
    return rows


async def _die(house: House, member: Member, deaths: list[str]) -> None:
    """It is killed and comes back with a death, as often as there are deaths. What it outlives it may still die of later."""
    member.wanted = False
    house.kill(member)
    house.start(member, deaths[0])
    member.next_deaths = deaths[1:]
    life, ready_at, deadline = member.lives, 0.0, time.monotonic() + DYING_WITHIN
    while member.death and time.monotonic() < deadline:
        await asyncio.sleep(LOOK)
        if member.lives != life:
            life, ready_at = member.lives, 0.0
        elif not ready_at and await house.is_ready(member.name):
            ready_at = time.monotonic()
            if member.death.startswith(TOLD_TO_STOP):
                member.tell_to_stop()
        elif ready_at and time.monotonic() - ready_at > DIES_WITHIN:
            break
    member.next_deaths = []


FAULTS = (
    *(
        Fault(f"{kind} killed", of(kind), often)
        for kind, often in {"router": 3, "sla": 2, "survey": 2, "projector": 2, "http": 2}.items()
    ),
    Fault("ingest killed", of("ingest"), 2, LEASE),
    Fault("several services killed at once", several, 4, serves=(SERVICE_KILLS,)),
    Fault("killed again while starting", again_while_starting, 2, serves=(SERVICE_KILLS,)),
    Fault("killed, and gone for longer than the group waits", lost),
    Fault("killed at named points", at_points, 12, LEASE, serves=(DEATHS, SERVICE_KILLS)),
)
