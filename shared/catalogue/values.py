"""Values that commands and facts are made of (domain: "Nouns")."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.clock import Ms
from shared.policy.terms import Priority

Id = Annotated[str, Field(min_length=1, max_length=128)]

AuthorKind = Literal["customer", "agent", "bot", "system", "third_party"]
Assurance = Literal["none", "channel", "aligned_mail", "signed_in", "one_time_code"]
Role = Literal["admin", "manager", "lead", "agent", "integrator", "customer", "system"]
LinkKind = Literal["merged_into", "split_from", "follow_up_of", "incident_of", "child_of", "duplicate_of"]
TaskPurpose = Literal["call_back", "follow_up", "promise", "low_score", "assist"]
TargetName = Literal["first_reply", "next_reply", "update", "resolution", "promise"]
SurveyKind = Literal["csat", "nps", "ces"]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Value(BaseModel):
    """Immutable; unknown fields of a newer writer are ignored (readers first)."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Principal(Value):
    """Who asks: one seat, key, customer or service, always inside one desk of one organisation."""

    organisation: Id
    desk: Id
    id: Id
    role: Role
    scopes: tuple[str, ...] = ()


class Contact(Value):
    """A contact point with its address, as a channel saw it. In commands only: facts carry its id."""

    id: Id
    kind: Literal["email", "phone", "handle", "visitor"]
    address: str
    name: str = ""


class Attachment(Value):
    """A file of a message. `blob` is the SHA-256 of its content, stored before the command was appended."""

    blob: str
    name: str
    media_type: str
    size: int
    content_id: str | None = None


MOST_FILES = 20
MOST_FILE_BYTES = 25 << 20
"""Of all files of one reply together, as they are stored: so much fits into one mail, and into the memory of its sender."""


class FollowUp(Value):
    """What a follow-up inherits from its closed ticket, as our signed token carried it."""

    ticket: Id
    number: int
    team: Id
    owner: Id | None = None
    category: str | None = None
    priority: Priority | None = None


class Thread(Value):
    """A verified claim to a conversation: our MAC was right. Whether the sender may join is decided in the desk."""

    conversation: Id
    follow_up: FollowUp | None = None


class Skill(Value):
    """A skill at a level, 1 (some) to 5 (expert)."""

    id: Id
    level: int = Field(default=1, ge=1, le=5)


class Span(Value):
    """From `start` up to, not including, `end`."""

    start: Ms
    end: Ms


class Candidate(Value):
    """One agent as the assignment saw them. `excluded` is None for those who could have had the item.

    The lowest `rank` goes first, 0 being members whose primary team it is; of equals the lowest `score`.
    """

    agent: Id
    load: int
    capacity: int
    score: int = 0
    rank: int = 0
    excluded: str | None = None


class Why(Value):
    """Why this agent: the closest candidates, how many were excluded for what, the rule and policy that decided."""

    rule: str
    strategy: str
    policy_version: int
    waited: Ms
    candidates: tuple[Candidate, ...] = ()
    excluded: dict[str, int] = {}
