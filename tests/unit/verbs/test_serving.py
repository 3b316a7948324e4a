"""What a process that serves sets for itself, and that it ends."""

import asyncio
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.verbs.embedded import embedded
from services.verbs.serving import Plan, hasten_writers, running, spare_collector
from shared.service import Loop, Service
from shared.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def as_before() -> Iterator[None]:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("as_before")
def test_writers_wait_less_than_usual_for_a_busy_loop() -> None:
    usual = sys.getswitchinterval()
    hasten_writers()
    assert sys.getswitchinterval() == pytest.approx(usual / 5)


@pytest.mark.usefixtures("as_before")
def test_what_was_loaded_is_not_walked_again() -> None:
    usual = 700
    gc.set_threshold(usual)
    kept = [{"number": number} for number in range(1_000)]
    spare_collector()
    assert gc.get_freeze_count() > len(kept)
    assert gc.get_threshold()[0] > usual


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
