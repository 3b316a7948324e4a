"""Dead letters hold customers' words: settled ones go when the log forgets, others never by themselves."""

import pytest

from services.gateway.housekeeping import SETTLED_LETTERS, Housekeeping
from shared.dead_letters import ORIGINALS, UnknownLetter
from shared.desks import INSTALLATION
from tests.unit.gateway.world import OURS, World

pytestmark = pytest.mark.anyio


async def keep(world: World, content: bytes) -> str:
    return await world.dead_letters.keep_request("mail", content, "not readable", desk=OURS)


async def test_settled_dead_letters_are_forgotten_with_their_bytes(world: World) -> None:
    kept, discarded = await keep(world, b"kept"), await keep(world, b"discarded")
    await world.dead_letters.discard(discarded)
    keeping = Housekeeping(world.documents, world.desks, world.clock)
    world.clock.time += SETTLED_LETTERS
    assert await keeping.sweep() == 0
    world.clock.time += 1
    assert await keeping.sweep() == 1
    with pytest.raises(UnknownLetter):
        await world.dead_letters.get(discarded)
    assert [one.key for one in await world.all(ORIGINALS, INSTALLATION)] == [kept]


async def test_what_nobody_has_settled_stays_however_old_it_is(world: World) -> None:
    kept = await keep(world, b"kept")
    world.clock.time += 100 * SETTLED_LETTERS
    await Housekeeping(world.documents, world.desks, world.clock).sweep()
    assert await world.dead_letters.original(kept) == b"kept"
