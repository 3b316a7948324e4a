"""What runs from a process's first moment, also while it waits for a store and has no engine yet: the pulse and the
operators' door. Whoever restarts processes must not take waiting for hanging."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.engine.pulse import Pulse
from shared.http import build_app
from shared.http.operations import Health, build_operations, for_everybody
from shared.http_server import address_of, http_door
from shared.logs import logger, report_failure
from shared.service import Loop, Ports


@dataclass(slots=True)
class Attended:
    """A process that is watched. Until it has an engine's `health` it lives, and starts.

    `loops` run already: an engine goes on with them.
    """

    loops: Sequence[Loop] = ()
    health: Health | None = None

    def stalled(self) -> list[str]:
        """As the engine says."""
        return self.health.stalled() if self.health else []

    async def reasons(self) -> list[str]:
        """As the engine says."""
        return await self.health.reasons() if self.health else ["starting"]


@asynccontextmanager
async def attended(ports: Ports, listener: socket.socket | None) -> AsyncIterator[Attended]:
    """While the block runs. Without a `listener` operators are not answered."""
    process = Attended()
    loops = [Loop("pulse", Pulse().run)]
    if listener:
        app = build_app([build_operations(process, ports.metrics, for_everybody)], report_failure)
        loops.append(http_door(app, listener, "operations"))
        logger("verb").info("operators are answered", address=address_of(listener))
    tasks = [asyncio.create_task(loop.run(), name=loop.name) for loop in loops]
    process.loops = [Loop(task.get_name(), partial(_go_on, task)) for task in tasks]
    try:
        yield process
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _go_on(task: "asyncio.Task[Any]") -> None:
    await task
