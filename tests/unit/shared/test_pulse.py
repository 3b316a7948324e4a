"""A blocked event loop is noticed from outside it."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from shared.engine.pulse import BLOCKED, Pulse

BLOCKING = """
import asyncio, time
from shared.engine.pulse import Pulse, end_blocked
from shared.logs import set_up_logs

async def main():
    asyncio.create_task(Pulse(end_blocked, 20, 3).run())
    await asyncio.sleep(0.1)
    time.sleep(60)

set_up_logs("INFO")
asyncio.run(main())
"""

pytestmark = pytest.mark.anyio


async def test_a_loop_that_comes_round_is_left_alone() -> None:
    ended = threading.Event()
    beating = asyncio.create_task(Pulse(ended.set, 10, 5).run())
    await asyncio.sleep(0.5)
    beating.cancel()
    assert not ended.is_set()


async def test_a_loop_that_does_not_is_ended_once() -> None:
    ends: list[float] = []
    beating = asyncio.create_task(Pulse(lambda: ends.append(time.monotonic()), 10, 3).run())
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251 - this is what is to be noticed
    await asyncio.sleep(0.1)
    beating.cancel()
    assert len(ends) == 1


async def test_nothing_watches_after_the_stop() -> None:
    ended = threading.Event()
    beating = asyncio.create_task(Pulse(ended.set, 10, 3).run())
    await asyncio.sleep(0.02)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    time.sleep(0.2)  # noqa: ASYNC251 - a late watcher would end the process now
    assert not ended.is_set()


def test_a_blocked_process_says_where_it_hangs_and_ends() -> None:
    ended = subprocess.run([sys.executable, "-c", BLOCKING], capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == BLOCKED
    assert '"where": "<string>:9"' in ended.stderr
