"""What a fault is to the campaign: a name, and a strike that injects it, holds it and heals it."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.house import House

Strike = Callable[[House, random.Random], Awaitable[str | None]]
"""Why it did not strike at all; None where it did."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`strike` returns when it is healed, as far as it is to be. Of a pack of all faults it is `often` cards."""

    name: str
    strike: Strike
    often: int = 1
    aftermath: int = 5
    """Seconds its effects outlive it; so near the end it is not struck."""
    nodes: int = 1
    """Nodes of Kafka it needs at least."""
    serves: tuple[str, ...] = ()
    """The goals it is drawn for where they lag."""
    worth: int = 0
    """Seconds a campaign must have at least for it."""
    watched: bool = False
    """Whether another desk is watched meanwhile, which must feel nothing of it."""
