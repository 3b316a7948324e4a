"""How often one caller may ask, in this process. Each process counts for itself: the limit is per process."""

from collections import OrderedDict
from dataclasses import dataclass

from shared.clock import SECOND, Clock, Ms

MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`every` milliseconds one more, `burst` at once."""

    every: Ms
    burst: int


READS = Rate(2, 1_000)
WRITES = Rate(5, 400)
SIGN_INS = Rate(6 * SECOND, 10)
"""Per network address."""


class TooOften(Exception):
    """Ask again after `wait`."""

    def __init__(self, wait: Ms) -> None:
        super().__init__(f"in {wait}")
        self.wait = wait


class Limits:
    """Buckets by caller; the longest unused is forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, Rate], Ms] = OrderedDict()

    def take(self, caller: str, rate: Rate) -> None:
        """Count one request. Raises TooOften."""
        now, span = self._clock.monotonic(), rate.every * rate.burst
        # the moment at which the bucket would be full again stands for how full it is
        full_at = max(self._buckets.pop((caller, rate), now), now)
        if full_at + rate.every > now + span:
            self._buckets[caller, rate] = full_at
            raise TooOften(full_at + rate.every - now - span)
        self._buckets[caller, rate] = full_at + rate.every
        if len(self._buckets) > MOST_CALLERS:
            self._buckets.popitem(last=False)
