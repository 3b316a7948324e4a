"""An event loop whose time jumps: when nobody has anything to do, it is the time of whoever wakes next.

Threads would see no time pass while they work, so what is given to one is done at once, in the loop's own.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
CIRCLES = 100_000
"""Turns of the loop: nobody needs so many at one moment."""
THREADS = 5.0
"""Real seconds: the end of a loop waits for a thread, after all."""


class AtOnce(ThreadPoolExecutor):
    """No threads at all."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as fault:  # noqa: BLE001 - whoever waits for it is told
            future.set_exception(fault)
        return future


class Jumping(selectors.DefaultSelector):
    """Never waits: what it would have waited is how far time jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._still = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._still = 0 if timeout else self._still + 1
        if self._still > CIRCLES:
            raise RuntimeError("somebody goes round in circles, in no time")
        if found := super().select(0):
            return found
        if timeout is None:
            if found := super().select(THREADS):
                return found
            raise RuntimeError("everybody waits for ever")
        self.now += timeout
        return []


class JumpingLoop(asyncio.SelectorEventLoop):
    """Begins at 0."""

    def __init__(self) -> None:
        self._jumping = Jumping()
        super().__init__(self._jumping)
        self.set_default_executor(AtOnce(1))

    def time(self) -> float:
        return self._jumping.now
