"""Waiting for what must come: bounded, and told by name when it does not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 60
"""Seconds before a busy machine is no excuse any more."""


async def until(
    what: str, look: Callable[[], Awaitable[T | None]], patience: float = PATIENCE, every: float = 0.2
) -> T:
    """The first truthy look. Raises AssertionError naming what never came, and what was seen last."""
    deadline = time.monotonic() + patience
    while not (seen := await look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"it never came to be that {what}; last seen: {seen!r}")
        await asyncio.sleep(every)
    return seen
