"""Teams and the way work reaches their people."""

from pydantic import Field

from shared.policy.noun import Id, Length, Noun, Path, SkillName, Some, Text
from shared.policy.terms import AssignmentMode, Strategy


class Relaxation(Noun):
    """After waiting `after`, these skills are no longer asked for and every other level falls by `lower`."""

    after: Length
    drop: Some[SkillName] = ()
    lower: int = Field(default=0, ge=0, le=5)


class Team(Noun):
    id: Id
    name: Text
    specialties: Some[Path] = ()
    """Category paths this team is the place for; the longest path that begins a category wins."""
    calendar: Id | None = None
    strategy: Strategy = Strategy.LEAST_LOADED
    mode: AssignmentMode = AssignmentMode.PUSH
    offer_timeout: Length = 30_000
    tier: int = Field(default=1, ge=1, le=9)
    escalates_to: Id | None = None
    """The team of the next tier; "raise the tier" hands the work there."""
    reopen_window: Length | None = None
    return_to_owner: bool = True
    """A customer's reply goes back to its owner, even above capacity."""
    requeue_after: Length = 900_000
    """Work that returned to an owner who doesn't take it up within this time joins the queue again."""
    disconnect_grace: Length = 120_000
    break_limit: Length | None = None
    """Overrides the limit of the presence reason `break`."""
    relaxation: tuple[Relaxation, ...] = ()


class Skill(Noun):
    id: SkillName
    name: Text


class Category(Noun):
    id: Path
    name: Text
