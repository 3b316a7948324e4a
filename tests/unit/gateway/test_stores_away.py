"""The gateway's loops while a store is away, or a desk decides nothing: they live on, and take nobody's silence for what it is not."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from services.gateway.housekeeping import AGAIN, EVERY, Housekeeping
from services.gateway.presence import SILENCE, SWEEP_EVERY, Presence
from services.gateway.writing import Behind, Commands
from shared.documents import Documents, DocumentsUnavailable
from shared.moves import Seals
from tests.unit.gateway.serving import Server, until
from tests.unit.gateway.test_presence import ready
from tests.unit.gateway.world import OURS, HandClock

pytestmark = pytest.mark.anyio


class Absent:
    """Documents that do not answer while they are `away`."""

    def __init__(self, documents: Documents) -> None:
        self._documents, self.away = documents, False

    def __getattr__(self, name: str) -> Any:
        if self.away:
            raise DocumentsUnavailable("away")
        return getattr(self._documents, name)


class Rests(HandClock):
    """Remembers how long somebody slept."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[int] = []

    async def sleep(self, length: int) -> None:
        self.slept.append(length)
        await super().sleep(length)


class Undecided:
    """A desk that decides nothing as long as it is `behind`."""

    def __init__(self) -> None:
        self.behind = True
        self.asked: list[str] = []

    async def ask(self, _command: object, key: str, **_: object) -> None:
        self.asked.append(key)
        if self.behind:
            raise Behind


@asynccontextmanager
async def running(run: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_after_a_store_was_away_a_full_silence_passes_before_anybody_is_judged(server: Server) -> None:
    documents, clock = Absent(server.world.documents), Rests()
    away = cast("Documents", documents)
    presence = Presence(away, server.world.desks, server.gate.commands, clock, Seals(away, clock))
    documents.away = True
    async with running(presence.run) as task:
        await until(lambda: len(clock.slept) > 2)
        documents.away = False
        await until(lambda: SWEEP_EVERY in clock.slept)
        assert set(clock.slept[: clock.slept.index(SWEEP_EVERY)]) == {SILENCE}
        assert not task.done()


async def test_who_is_silent_while_the_desk_decides_nothing_is_asked_about_until_it_does(server: Server) -> None:
    desk, clock = Undecided(), Rests()
    documents, seals = server.world.documents, server.ports.seals
    presence = Presence(documents, server.world.desks, cast("Commands", desk), clock, seals)
    await ready(server)
    await presence.beat(OURS, "sara")
    async with running(presence.run) as task:
        await until(lambda: task.done() or len(desk.asked) > 2)
        assert not task.done()
        desk.behind = False
        asked, rests = len(desk.asked), len(clock.slept)
        await until(lambda: len(clock.slept) > rests + 3)
    assert len(desk.asked) == asked + 1
    assert len(set(desk.asked)) == 1
    assert set(clock.slept[1:]) == {SWEEP_EVERY}


async def test_housekeeping_comes_back_soon_to_a_store_that_was_away(server: Server) -> None:
    documents, clock = Absent(server.world.documents), Rests()
    keeping = Housekeeping(cast("Documents", documents), server.world.desks, clock)
    documents.away = True
    async with running(keeping.run) as task:
        await until(lambda: len(clock.slept) > 2)
        documents.away = False
        await until(lambda: EVERY in clock.slept)
        assert set(clock.slept[: clock.slept.index(EVERY)]) == {AGAIN}
        assert not task.done()
