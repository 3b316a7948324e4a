"""Whether the desk keeps up: no more are taken (503) when its oldest undecided message is 30 seconds old, or too many wait
to be in the log."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.clock import SECOND, Clock, Ms

MOST_LAG: Ms = 30 * SECOND
PROBE_EVERY: Ms = SECOND
MARK_EVERY: Ms = SECOND // 10
"""How closely the age of what waits is known."""
MOST_MARKS = 1_000
"""Far more than come before no more are taken."""
MOST_AT_ONCE = 200
"""Of a partition, under way into the log. Who comes then waits for all of them: more at once are no more a second, only
later, and at last so late that their senders have given up."""


class Behind(Exception):
    """The desk's decisions lag behind what was already taken; later it may be taken."""


@dataclass(slots=True)
class Lag:
    """What is known of one partition: the last command that facts came from, and of ours beyond it, oldest first, one
    in every `MARK_EVERY` with the time it was appended."""

    decided: int = -1
    waiting: deque[tuple[int, Ms]] = field(default_factory=deque)
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
        now = self._clock.monotonic()
        due = not lag.waiting or now - lag.waiting[-1][1] >= MARK_EVERY
        if offset > lag.decided and due and len(lag.waiting) < MOST_MARKS:
            lag.waiting.append((offset, now))

    def decided(self, partition: int, position: int) -> None:
        """A fact came from the command at this position."""
        lag = self._lags.setdefault(partition, Lag())
        if position > lag.decided:
            lag.decided = position
            while lag.waiting and lag.waiting[0][0] <= position:
                lag.waiting.popleft()

    def check(self, partition: int) -> None:
        """Raises Behind."""
        lag = self._lags.get(partition)
        now = self._clock.monotonic()
        if lag is not None and lag.under_way >= MOST_AT_ONCE:
            raise Behind
        if lag is None or not lag.waiting or now - lag.waiting[0][1] <= MOST_LAG:
            return
        if now - lag.probed_at < PROBE_EVERY:
            raise Behind
        lag.probed_at = now
