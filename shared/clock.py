"""Time as the desk counts it: whole milliseconds since the epoch, UTC."""

import asyncio
import time
from typing import Protocol

Ms = int
"""Milliseconds: a point in time (since 1970, UTC) or a length of time, as the name says."""

SECOND: Ms = 1_000
MINUTE: Ms = 60 * SECOND
HOUR: Ms = 60 * MINUTE
DAY: Ms = 24 * HOUR


class Clock(Protocol):
    """The only source of the present: rules never see it, they are given a time."""

    def now(self) -> Ms:
        """Wall-clock time."""

    def monotonic(self) -> Ms:
        """A clock that never steps; only differences mean anything."""

    async def sleep(self, length: Ms) -> None:
        """Wait at least `length`."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Ms:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> Ms:
        return time.monotonic_ns() // 1_000_000

    async def sleep(self, length: Ms) -> None:
        await asyncio.sleep(length / 1_000)
