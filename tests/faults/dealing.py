"""In which order faults strike: of each kind one, then all others, then what the goals need most; a seed decides the rest."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.faults.fault import Fault

HURRY = 1.5
"""A goal that lags so much is served by every card."""
Needs = Callable[[], Mapping[str, float]]


def no_needs() -> Mapping[str, float]:
    """Nothing is wanted of this campaign."""
    return {}


def deal(draw: random.Random, faults: Sequence[Fault], needs: Needs = no_needs) -> Iterator[Fault]:
    """For ever. What outlasts itself longest comes first of its round: it may not strike near the end."""
    first = list({file_of(fault): fault for fault in draw.sample(faults, len(faults))}.values())
    yield from sorted(first, key=lambda fault: -fault.aftermath)
    rest = [fault for fault in faults if fault not in first]
    yield from draw.sample(rest, len(rest))
    while True:
        serving = _serving(draw, faults, needs()) or faults
        yield draw.choices(serving, [fault.often for fault in serving])[0]


def _serving(draw: random.Random, faults: Sequence[Fault], needs: Mapping[str, float]) -> list[Fault]:
    """Faults that serve the goal which lags most, with odds as it lags."""
    served = {goal: need for goal, need in needs.items() if any(goal in fault.serves for fault in faults)}
    most = max(served, key=lambda goal: served[goal], default="")
    if not most or draw.random() * HURRY >= served[most]:
        return []
    return [fault for fault in faults if most in fault.serves]


def file_of(fault: Fault) -> str:
    """Where its strike is written."""
    return fault.strike.__module__
