"""Every gateway test gets a world of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.gateway.serving import Server
from tests.unit.gateway.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = await World(tmp_path).open()
    yield world
    await world.close()


@pytest.fixture
async def server(world: World) -> AsyncIterator[Server]:
    server = Server(world)
    yield server
    assert server.failures == []
