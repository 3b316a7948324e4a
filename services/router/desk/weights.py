"""What work weighs, looked up once per kind, channel and state."""

from shared.policy.capacity import Capacity

ALL = -1
"""A person's whole attention."""


class Weights:
    """The policy's weights, remembered."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._known: dict[tuple[str, str, str], int] = {}

    def points(self, kind: str, channel: str, phase: str) -> int:
        """Points such work takes, or ALL."""
        sort = (kind, channel, phase)
        known = self._known.get(sort)
        if known is None:
            known = self._known[sort] = self._look_up(kind, channel, phase)
        return known

    def taken(self, kind: str, channel: str, phase: str, capacity: int) -> int:
        """What such work takes of a person with this capacity."""
        points = self.points(kind, channel, phase)
        return capacity if points == ALL else points

    def _look_up(self, kind: str, channel: str, phase: str) -> int:
        for weight in self._capacity.weights:
            if weight.fits(kind, channel, phase):
                return ALL if weight.points == "all" else weight.points
        return 0
