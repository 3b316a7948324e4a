from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.ingest.desk import OTHER_POLICY, Doors, open_doors, policy
from tests.unit.ingest.mail import running, until_known


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    """Two desks of two organisations with their policies in force."""
    async with open_doors(tmp_path) as opened:
        await opened.apply(policy())
        await opened.apply(policy(OTHER_POLICY))
        async with running(opened):
            await until_known(opened)
            yield opened


@pytest.fixture(scope="module")
async def one_loop() -> None:
    """One event loop for a module: the child that reads mail is started once, not per test."""
