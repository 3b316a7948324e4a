"""A consumer that stands still while its process lives: nobody but the process itself can tell, and it must end."""

import asyncio
import random
import time
from collections.abc import Callable

from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.journal import ENDED, NOTICED
from tests.faults.member import LOOK, Member
from tests.faults.silence import SHELL, SILENT, WORKER

FAILED = 1
"""Its exit code."""
FALLS_SILENT = 30
"""Seconds within which there is something to do for whoever has the desk's partition."""
PATIENCE = 60
SEEN_WITHIN = 30
"""Seconds for somebody to be seen to have the desk's partition: after a strike on a whole group nobody has it for a while."""


async def stands_still(house: House, draw: random.Random) -> str | None:
    """A decider of the desk, started again with its silence built in, under the name whose partitions it has."""
    kind = draw.choice(("router", "sla", "survey"))
    await _until(lambda: house.holder(kind) is not None, SEEN_WITHIN)
    member = house.holder(kind)
    if member is None:
        return "nobody was seen to have the desk's partition"
    note = house.folder / f"silent-{member.name}-{member.lives}"
    await house.stop(member)
    house.start(member, **{SILENT: f"{draw.choice((WORKER, SHELL))}:{note}"})
    member.wanted = False  # its end is ours to see
    fell = await _until(note.exists, FALLS_SILENT)
    ended = fell and await _until(lambda: not member.alive, PATIENCE)
    if ended:
        _note(house, member, (time.time_ns() // 1_000_000 - int(note.read_text() or 0)) / 1_000)
    elif fell:
        house.journal.note(NOTICED, member.name, str(PATIENCE))
    member.kill()
    house.start(member)
    await house.ready(member.name)
    return None if fell else f"{member.name} had nothing to do"


def _note(house: House, member: Member, seconds: float) -> None:
    house.journal.note(NOTICED, member.name, f"{seconds:.1f}")
    if member.code != FAILED:
        house.journal.note(ENDED, member.name, f"it stood still and ended with {member.code}: {member.said()}")


async def _until(true: Callable[[], bool], seconds: float) -> bool:
    for _ in range(round(seconds / LOOK)):
        if true():
            return True
        await asyncio.sleep(LOOK)
    return true()


FAULTS = (Fault("a consumer stands still", stands_still, 1, 10),)
