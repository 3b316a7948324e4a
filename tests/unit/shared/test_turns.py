"""Whose turn it is: nobody gets that of a worker that has left."""

import asyncio
from dataclasses import dataclass

import pytest

from shared.fold import Fold
from shared.turns import Turns
from tests.unit.shared.engine_stage import Copying

pytestmark = pytest.mark.anyio


@dataclass
class Standing:
    """A writer that stands still."""

    fold: Fold
    position: int = 0


async def holding(turns: Turns) -> int:
    async with turns.hold("copier", 0) as writer:
        return writer.position


async def test_the_turn_comes_between_two_runs() -> None:
    turns = Turns()
    lock = turns.enrol("copier", 0, Standing(Copying(), 7))
    async with lock:
        waiting = asyncio.create_task(holding(turns))
        await asyncio.sleep(0)
        assert not waiting.done()
    assert await waiting == 7


@pytest.mark.parametrize("comes_back", [False, True])
async def test_who_waited_for_a_worker_that_left_meanwhile_is_told(*, comes_back: bool) -> None:
    turns, writer = Turns(), Standing(Copying())
    lock = turns.enrol("copier", 0, writer)
    async with lock:
        waiting = asyncio.create_task(holding(turns))
        await asyncio.sleep(0)
        turns.dismiss("copier", 0, writer)
        if comes_back:
            turns.enrol("copier", 0, Standing(Copying()))
    with pytest.raises(KeyError):
        await waiting
