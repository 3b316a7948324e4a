"""A house of its own for every test of the console."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.gateway.console.house import House
from tests.unit.gateway.serving import Server


@pytest.fixture
async def house(server: Server) -> AsyncIterator[House]:
    house = await House(server).furnish()
    yield house
    assert house.failures == []
