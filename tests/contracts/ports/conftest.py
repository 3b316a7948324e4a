"""Every test of the suites runs once per adapter in the tables."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from shared import blobs, checkpoints, dead_letters
from shared.broker import Broker
from shared.documents import Collection, Documents
from tests.contracts.ports.adapters import LOGS, REAL_ENGINES, STORES, Logs, Stores
from tests.contracts.ports.hand_clock import HandClock

COLLECTIONS = (
    Collection("tickets", indexed=("status", "rank", "urgent")),
    Collection("notes"),
    Collection("accounts", indexed=("name", "realm"), unique=(("realm", "name"),)),
    *checkpoints.COLLECTIONS,
    *blobs.COLLECTIONS,
    *dead_letters.COLLECTIONS,
)


def rows(table: Iterable[str]) -> list[ParameterSet]:
    """A table's adapters, those on real engines marked."""
    return [pytest.param(name, marks=[pytest.mark.engines] * (name in REAL_ENGINES)) for name in sorted(table)]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=rows(LOGS))
def log_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def logs(log_name: str) -> Logs:
    return LOGS[log_name]


@pytest.fixture(params=rows(STORES))
def store_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stores(store_name: str) -> Stores:
    return STORES[store_name]


@pytest.fixture
async def broker(logs: Logs, tmp_path: Path, clock: HandClock) -> AsyncIterator[Broker]:
    opened = logs.open(tmp_path, clock)
    yield opened
    await opened.close()


@pytest.fixture
async def documents(stores: Stores, tmp_path: Path) -> AsyncIterator[Documents]:
    opened = stores.open(tmp_path, COLLECTIONS)
    yield opened
    await opened.close()
