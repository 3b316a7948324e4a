"""Where a driven coroutine can be stopped: it hands the scheduler a place it reached, or a rest it takes."""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from types import coroutine


@dataclass(frozen=True, slots=True)
class Reached:
    """A named place. `port` tells whether its call can still fail here with an unknown outcome."""

    name: str
    port: str = ""


@dataclass(frozen=True, slots=True)
class Rest:
    """Not before `until` (the world's time), unless `ready` says so earlier."""

    until: int
    ready: Callable[[], bool] | None = None


Pause = Reached | Rest


Pausing = Callable[[Pause], Awaitable[None]]


@coroutine
def pause(where: Pause) -> Generator[Pause, None, None]:
    """Give way to the scheduler, which may go on elsewhere, throw an error in here, or never come back."""
    yield where
