"""A consumer of Faust's that takes a record without tasks, and goes on as soon as there is room.

Faust gives each record to its streams as the first of four tasks, so that it can leave it when partitions change hands
while a queue is full. That was two thirds of all that a record cost. Nearly always the queue has room and nothing waits:
so it is tried at once, and only what does wait is waited for in Faust's way.

Where all its partitions are paused, or their queues full, Faust sleeps a second before it looks again: whoever reads one
partition was brought a thousand records a second, whatever there was.
"""

import asyncio
import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any

IDLE = 1
"""Seconds Faust sleeps where it has nothing to fetch."""
SOON = 0.005
"""Seconds until it is seen that there is room again."""


def hasty(consumer: type[Any]) -> type[Any]:
    """A kind of that consumer: of two coroutines, it is done with the second when the first waits for nothing; and it sleeps
    no longer than there is no room."""
    from mode.services import WaitResults

    class Hasty(consumer):  # type: ignore[misc]  # known at run time only: Faust is imported late
        async def wait_first(self, *awaited: Any, timeout: Any = None) -> Any:
            match awaited:
                case (Coroutine() as giving, Coroutine() as other) if timeout is None:
                    try:
                        waits = giving.send(None)
                    except StopIteration as end:
                        other.close()
                        return WaitResults([giving], [end.value], stopped=False)
                    except BaseException:
                        other.close()
                        raise
                    return await super().wait_first(rest_of(giving, waits), other)
                case _:
                    return await super().wait_first(*awaited, timeout=timeout)

        async def sleep(self, n: Any) -> None:
            if n != IDLE or not self._is_full():
                await super().sleep(n)
                return
            for _ in range(round(n / SOON)):
                if self.should_stop or not self._is_full():
                    return
                await asyncio.sleep(SOON)

        def _is_full(self) -> bool:
            waits = self._paused_partitions or self._buffered_partitions
            return bool(waits) and not self._get_active_partitions()

    return Hasty


async def rest_of(begun: Coroutine[Any, Any, Any], waits: Any) -> Any:
    """What is left of a coroutine that was begun and now waits for something."""
    return await _going_on(begun, waits)


@types.coroutine
def _going_on(begun: Coroutine[Any, Any, Any], waits: Any) -> Generator[Any, Any, Any]:
    while True:
        try:
            given = yield waits
        except BaseException as fault:  # noqa: BLE001 - a cancellation most of all; it is the coroutine's
            step = partial(begun.throw, fault)
        else:
            step = partial(begun.send, given)
        try:
            waits = step()
        except StopIteration as end:
            return end.value
