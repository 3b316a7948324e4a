"""Queue terms and the named states a desk may define within the fixed ones."""

from pydantic import Field

from shared.policy.noun import Id, Length, Noun, Text
from shared.policy.terms import Priority, Status


class PriorityTerms(Noun):
    """`head_start` is subtracted from waiting_since once and for all, so ageing needs no re-sort."""

    id: Priority
    name: Text
    head_start: Length = 0


class CustomerTier(Noun):
    id: Id
    name: Text
    head_start: Length = 0


class SubStatus(Noun):
    id: Id
    name: Text
    status: Status


class HoldReason(Noun):
    id: Id
    name: Text
    longest: Length | None = None
    """A hold of this reason must end by then; none: no limit."""


class PresenceReason(Noun):
    """Why a person is not ready. Past the `limit` their waiting work is pulled back; none: no limit."""

    id: Id
    name: Text
    limit: Length | None = None
    chosen: bool = Field(default=True)
    """Offered to people; `disconnected` is the desk's own finding."""
