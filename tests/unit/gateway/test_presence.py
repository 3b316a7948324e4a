"""Ninety seconds after the last heartbeat, and not before, somebody counts as disconnected."""

import asyncio

import pytest

from services.gateway.presence import SILENCE
from services.gateway.store import HEARTBEATS
from shared.catalogue import facts as f
from shared.catalogue.commands import SetPresence
from shared.desks import DeskPlace
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import Server, body, until
from tests.unit.gateway.world import OURS

pytestmark = pytest.mark.anyio

PLACE = DeskPlace(OURS, "acme", 0)


async def ready(server: Server, agent: str = "sara") -> None:
    await server.world.say(say.agent(agent), f.PresenceChanged(agent=agent, state="ready"))
    await server.world.catch_up()


async def test_silence_disconnects(server: Server) -> None:
    await ready(server)
    await server.gate.presence.beat(OURS, "sara")
    async with server.deciding() as asked:
        server.world.clock.time += SILENCE
        assert await server.gate.presence.sweep(PLACE) == 0
        server.world.clock.time += 1
        assert await server.gate.presence.sweep(PLACE) == 1
        assert await server.gate.presence.sweep(PLACE) == 0
        await until(lambda: asked)
    command = body(asked[0])
    assert isinstance(command, SetPresence)
    assert (command.agent, command.state, command.reason, command.by.role) == (
        "sara", "not_ready", "disconnected", "system",
    )  # fmt: skip


async def test_each_heartbeat_begins_the_silence_anew(server: Server) -> None:
    await ready(server)
    for _ in range(5):
        await server.gate.presence.beat(OURS, "sara")
        server.world.clock.time += SILENCE - 1
        assert await server.gate.presence.sweep(PLACE) == 0


async def test_an_act_counts_like_a_heartbeat(server: Server) -> None:
    await ready(server)
    await server.gate.presence.beat(OURS, "sara")
    server.world.clock.time += SILENCE
    await ready(server)
    server.world.clock.time += 1
    assert await server.gate.presence.sweep(PLACE) == 0


async def test_whoever_never_sent_a_heartbeat_stays_ready(server: Server) -> None:
    await ready(server)
    server.world.clock.time += 10 * SILENCE
    assert await server.gate.presence.sweep(PLACE) == 0


@pytest.mark.parametrize("reason", ["missed_offer", "meeting", "break"])
async def test_who_is_away_and_silent_is_disconnected_too(server: Server, reason: str) -> None:
    await ready(server)
    await server.world.say(f.PresenceChanged(agent="sara", state="not_ready", reason=reason))
    await server.world.catch_up()
    await server.gate.presence.beat(OURS, "sara")
    server.world.clock.time += SILENCE + 1
    async with server.deciding() as asked:
        assert await server.gate.presence.sweep(PLACE) == 1
        await until(lambda: asked)


@pytest.mark.parametrize("reason", [None, "offline", "disconnected"])
async def test_nobody_is_disconnected_who_is_gone(server: Server, reason: str | None) -> None:
    await server.world.say(say.agent())
    if reason is not None:
        await server.world.say(f.PresenceChanged(agent="sara", state="not_ready", reason=reason))
    await server.world.catch_up()
    await server.gate.presence.beat(OURS, "sara")
    await server.gate.presence.beat(OURS, "stranger")
    server.world.clock.time += SILENCE + 1
    assert await server.gate.presence.sweep(PLACE) == 0
    assert await server.world.all(HEARTBEATS) == []


async def test_two_processes_that_notice_the_same_silence_ask_once(server: Server) -> None:
    await ready(server)
    await server.gate.presence.beat(OURS, "sara")
    server.world.clock.time += SILENCE + 1
    async with server.deciding() as asked:
        await asyncio.gather(server.gate.presence.sweep(PLACE), server.gate.presence.sweep(PLACE))
        await until(lambda: asked)
    assert len({envelope.id for envelope in asked}) == 1


async def test_our_own_absence_disconnects_nobody(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []

    async def wait_for_ever(length: int) -> None:
        waits.append(length)
        await asyncio.Event().wait()

    await ready(server)
    await server.gate.presence.beat(OURS, "sara")
    server.world.clock.time += 10 * SILENCE
    monkeypatch.setattr(server.world.clock, "sleep", wait_for_ever)
    starting = asyncio.create_task(server.gate.presence.run())
    await until(lambda: waits)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert waits == [SILENCE]
    assert [beat.key for beat in await server.world.all(HEARTBEATS)] == ["sara"]
