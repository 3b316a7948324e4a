"""Whether the desk keeps up: when its oldest undecided message is 30 seconds old, no more are taken (503)."""

from dataclasses import dataclass

from shared.clock import SECOND, Clock, Ms

MOST_LAG: Ms = 30 * SECOND
PROBE_EVERY: Ms = SECOND


class Behind(Exception):
    """The desk's decisions lag behind what was already taken; later it may be taken."""


@dataclass(slots=True)
class Lag:
    """What is known of one partition: the last command that facts came from, and our oldest one beyond it."""

    decided: int = -1
    oldest: int | None = None
    since: Ms = 0
    probed_at: Ms = 0


class Backlog:
    """Compares what this process appended with how far the facts it folds anyway say the desk is: no reads at all.

    A repeated message yields no fact, so an undecided offset may also mean that nothing new came after a repeat. Hence
    one message a second is still let through: its facts, or anybody's, tell that the desk is not behind.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lags: dict[int, Lag] = {}

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
        if lag is None or lag.oldest is None or now - lag.since <= MOST_LAG:
            return
        if now - lag.probed_at < PROBE_EVERY:
            raise Behind
        lag.probed_at = now
