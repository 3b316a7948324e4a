"""How much one person can hold at a time, and what each kind of work weighs."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from shared.policy.noun import Misfit, Noun, Some
from shared.policy.terms import Channel, WorkKind

MOST_POINTS = 1_000
Points = Annotated[int, Field(ge=0, le=MOST_POINTS)]


def read_points(written: Any) -> Any:
    if written == "all" or (isinstance(written, int) and 0 <= written <= MOST_POINTS):
        return written
    raise Misfit(
        "this is no weight", f'write a number from 0 to {MOST_POINTS}, or "all" for work that takes the whole person'
    )


Phase = Literal["new", "open", "pending", "on_hold", "resolved", "closed", "silent", "wrap_up"]


class Weight(Noun):
    """Applies to work that fits every list given; an empty list fits all."""

    kind: Some[WorkKind] = ()
    channel: Some[Channel] = ()
    state: Some[Phase] = ()
    points: Annotated[int | Literal["all"], BeforeValidator(read_points)]

    def fits(self, kind: str, channel: str, state: str) -> bool:
        return (
            (not self.kind or kind in self.kind)
            and (not self.channel or channel in self.channel)
            and (not self.state or state in self.state)
        )


class Capacity(Noun):
    """Points a person has unless told otherwise, and ordered weights: the first that fits counts."""

    points: Points = 12
    weights: tuple[Weight, ...] = (
        Weight(state=("pending", "on_hold", "resolved", "closed", "silent"), points=0),
        Weight(kind=(WorkKind.CALL,), points="all"),
        Weight(kind=(WorkKind.CHAT,), points=4),
        Weight(kind=(WorkKind.TASK,), points=1),
        Weight(points=2),
    )

    def weight(self, kind: str, channel: str, state: str, points: int | None = None) -> int:
        """What this work takes of a person with `points` (the default where none are given); 0 where nothing fits."""
        whole = self.points if points is None else points
        for weight in self.weights:
            if weight.fits(kind, channel, state):
                return whole if weight.points == "all" else weight.points
        return 0
