"""When those run again that need not run at once (`Consumer.beats`)."""

from shared.clock import Clock, Ms

BEAT: Ms = 20
"""They run together, so that what they write shares one commit: at a hundred tickets a second a commit and its waking of
threads for each of them costs more than the work."""
SHARE = 3
"""A run is at most such a part of the time. A store that is far away costs much per call whatever it is given: who waits
for it comes less often, with more at once."""
MOST = 5
"""So many beats apart at most: somebody waits to see what is written."""


class Beats:
    """Of one worker: it runs in the beats its last run leaves it; who is behind never rests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: Ms = clock.monotonic()

    def ran(self, began: Ms, *, behind: bool) -> None:
        """A run that began then has just ended."""
        beats = min(MOST, 1 + SHARE * (self._clock.monotonic() - began) // BEAT)
        self._next = began if behind else (began // BEAT + beats) * BEAT

    async def rest(self) -> None:
        """Wait for the next beat that is one's own."""
        wait = self._next - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)
