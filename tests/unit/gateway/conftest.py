"""Every gateway test gets a world of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copytree

import pytest

from tests.unit.gateway.serving import Server
from tests.unit.gateway.world import World


@pytest.fixture(scope="session")
def empty_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a world in which nothing has happened: making their tables takes longer than most tests."""

    async def make(folder: Path) -> None:
        await (await World(folder).open()).close()

    folder = tmp_path_factory.mktemp("empty")
    asyncio.run(make(folder))
    return folder


@pytest.fixture
async def world(tmp_path: Path, empty_world: Path) -> AsyncIterator[World]:
    world = await World(Path(copytree(empty_world, tmp_path / "world"))).open()
    yield world
    await world.close()


@pytest.fixture
async def server(world: World) -> AsyncIterator[Server]:
    server = Server(world)
    yield server
    assert server.failures == []
