"""Runs one coroutine to its end, time passing as it asks: for tests of one worker without any fault."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.simulation.pauses import Pause, Rest
from tests.simulation.time import Time

T = TypeVar("T")


def drive(coroutine: Coroutine[Pause, None, T], time: Time | None = None, *, most: int = 10_000) -> T:
    """What it returns. Rests are over at once, as far as `time` is concerned."""
    try:
        for _ in range(most):
            where: Any = coroutine.send(None)
            if isinstance(where, Rest) and time is not None:
                time.now = max(time.now, where.until)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError(f"still running after {most} steps")


def drive_to(coroutine: Coroutine[Pause, None, Any], place: str) -> None:
    """Up to the named place, where it is left; closing it is a crash there."""
    for _ in range(10_000):
        where = coroutine.send(None)
        if getattr(where, "name", "") == place:
            return
    raise AssertionError(f"{place} was never reached")
