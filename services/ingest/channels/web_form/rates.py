"""How often one network address may post one form, and everybody together. Counted in this process alone:
several processes let through as many times as much."""

from collections import OrderedDict

from shared.clock import MINUTE, SECOND, Clock, Ms
from shared.http.caller import subscriber

MOST_KEPT = 20_000
TOGETHER = 20
"""All addresses together may post a form as often as this many single ones."""


class Rates:
    """A bucket per form and address, filled at an even pace; who was not heard of longest is forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._full_at: OrderedDict[tuple[str, str], Ms] = OrderedDict()

    def take(self, form: str, client: str, per_minute: int) -> int:
        """Count one post: 0 if it may be, else the seconds to wait. A refused post counts for nothing."""
        alone = (form, subscriber(client), per_minute)
        together = (form, "", per_minute * TOGETHER)
        waits = [self._wait(*bucket) for bucket in (alone, together)]
        if any(waits):
            return max(waits)
        for bucket in (alone, together):
            self._fill(*bucket)
        return 0

    def _wait(self, form: str, client: str, per_minute: int) -> int:
        # The moment at which the bucket is empty again stands for how full it is (GCRA); a full one holds a minute.
        over = max(self._full_at.get((form, client), 0), self._clock.monotonic()) + MINUTE // per_minute
        return max(0, -(-(over - self._clock.monotonic() - MINUTE) // SECOND))

    def _fill(self, form: str, client: str, per_minute: int) -> None:
        start = max(self._full_at.pop((form, client), 0), self._clock.monotonic())
        self._full_at[form, client] = start + MINUTE // per_minute
        if len(self._full_at) > MOST_KEPT:
            self._full_at.popitem(last=False)
