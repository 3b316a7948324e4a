"""How a process that serves ends."""

import asyncio
from pathlib import Path

import pytest

from services.verbs.embedded import embedded
from services.verbs.serving import Plan, running
from shared.service import Loop, Service
from shared.settings import Settings

pytestmark = pytest.mark.slow


@pytest.mark.anyio
@pytest.mark.usefixtures("as_before")
async def test_a_part_that_fails_ends_a_process_that_only_waits_to_be_stopped(tmp_path: Path) -> None:
    failing = asyncio.Event()

    async def fail() -> None:
        await failing.wait()
        raise OSError("no more room")

    settings = Settings(_env_file=None, folder=tmp_path)
    plan = Plan(embedded, lambda _ports: [Service("toy", loops=(Loop("sender", fail),))], doors=False)

    async def serve() -> None:
        async with running(settings, plan) as process:
            failing.set()
            await process.stop.wait()

    serving = asyncio.create_task(serve())
    ended, _ = await asyncio.wait({serving}, timeout=60)
    serving.cancel()
    assert ended
    with pytest.raises(OSError, match="no more room"):
        serving.result()
