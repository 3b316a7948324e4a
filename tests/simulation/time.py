"""Time of the simulated world: it moves only when the scheduler says so."""

from collections.abc import Callable

from tests.simulation.pauses import Rest, pause

START = 1_767_225_600_000
"""2026-01-01, 00:00 UTC."""


def whole() -> int:
    return 1_000


class Time:
    """The world's time, which the log stamps its records with; and how many records a read yields at most now."""

    def __init__(self, batch: Callable[[], int] = whole) -> None:
        self.now = START
        self.batch = batch
        self.calm = False
        """Nothing can go wrong any more: port calls need not be places to stop at."""


class SkewedClock:
    """A machine's clock: beside the world's by `skew`, which may change under way; monotonic it never steps."""

    def __init__(self, time: Time, skew: int = 0) -> None:
        self._time, self.skew = time, skew

    def now(self) -> int:
        return self._time.now + self.skew

    def monotonic(self) -> int:
        return self._time.now

    async def sleep(self, length: int) -> None:
        await pause(Rest(self._time.now + length))
