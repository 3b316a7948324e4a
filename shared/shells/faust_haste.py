"""A consumer of Faust's that takes a record without tasks.

Faust gives each record to its streams as the first of four tasks, so that it can leave it when partitions change hands
while a queue is full. That was two thirds of all that a record cost. Nearly always the queue has room and nothing waits:
so it is tried at once, and only what does wait is waited for in Faust's way.
"""

import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any


def hasty(consumer: type[Any]) -> type[Any]:
    """A kind of that consumer: of two coroutines, it is done with the second when the first waits for nothing."""
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
