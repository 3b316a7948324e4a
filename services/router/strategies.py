"""Who gets the work among those who can: the lowest score. A new strategy is one function and one row.

Whole numbers only, no clock: the score of a seat may change only when the seat does.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from shared.clock import Ms
from shared.policy.terms import Strategy

FINE = 1_000_000


class Standing(Protocol):
    """What a strategy may look at."""

    @property
    def load(self) -> int: ...
    @property
    def capacity(self) -> int: ...
    @property
    def turn(self) -> int: ...
    @property
    def idle_since(self) -> Ms: ...


Score = tuple[int, int]


def least_loaded(seat: Standing) -> Score:
    """The smallest share of their capacity in use; of equals, who was given work longest ago."""
    return seat.load * FINE // max(1, seat.capacity), seat.turn


def longest_idle(seat: Standing) -> Score:
    """Who was last given work, or became ready, longest ago."""
    return seat.idle_since, seat.turn


def round_robin(seat: Standing) -> Score:
    """Everybody in turn: whose last turn lies furthest back."""
    return seat.turn, 0


STRATEGIES: Mapping[Strategy, Callable[[Standing], Score]] = {
    Strategy.LEAST_LOADED: least_loaded,
    Strategy.LONGEST_IDLE: longest_idle,
    Strategy.ROUND_ROBIN: round_robin,
}
"""Equal scores go by the agent's id."""
