"""Whether the desk keeps up: no more are taken (503) when its oldest undecided message is 30 seconds old, or too many wait
to be in the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from shared.clock import SECOND, Clock, Ms

MOST_LAG: Ms = 30 * SECOND
PROBE_EVERY: Ms = SECOND
MOST_AT_ONCE = 200
"""Of a partition, under way into the log. Who comes then waits for all of them: more at once are no more a second, only
later, and at last so late that their senders have given up."""


class Behind(Exception):
    """The desk's decisions lag behind what was already taken; later it may be taken."""


@dataclass(slots=True)
class Lag:
    """What is known of one partition: the last command that facts came from, and our oldest one beyond it."""

    decided: int = -1
    oldest: int | None = None
    since: Ms = 0
    probed_at: Ms = 0
    under_way: int = 0


class Backlog:
    """Compares what this process appended with how far the facts it folds anyway say the desk is: no reads at all.

    A repeated message yields no fact, so an undecided offset may also mean that nothing new came after a repeat. Hence
    one message a second is still let through: its facts, or anybody's, tell that the desk is not behind.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lags: dict[int, Lag] = {}

    @contextmanager
    def taking(self, partition: int) -> Iterator[None]:
        """A message is under way into the log while the block runs."""
        lag = self._lags.setdefault(partition, Lag())
        lag.under_way += 1
        try:
            yield
        finally:
            lag.under_way -= 1

    def appended(self, partition: int, offset: int) -> None:
        lag = self._lags.setdefault(partition, Lag())
        if lag.oldest is None and offset > lag.decided:
            lag.oldest, lag.since = offset, self._clock.monotonic()

    def decided(self, partition: int, position: int) -> None:
        """A fact came from the command at this position."""
        lag = self._lags.setdefault(partition, Lag())
        if position > lag.decided:
            lag.decided = position
            if lag.oldest is not None and position >= lag.oldest:
                lag.oldest = None

    def check(self, partition: int) -> None:
        """Raises Behind."""
        lag = self._lags.get(partition)
        now = self._clock.monotonic()
        if lag is not None and lag.under_way >= MOST_AT_ONCE:
            raise Behind
        if lag is None or lag.oldest is None or now - lag.since <= MOST_LAG:
            return
        if now - lag.probed_at < PROBE_EVERY:
            raise Behind
        lag.probed_at = now
