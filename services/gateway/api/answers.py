"""The shapes of answers. What a document gains later is passed on; what programs may rely on is named here."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.texts import MessageText


class Answer(BaseModel):
    """Fields beyond the named ones may appear."""

    model_config = ConfigDict(extra="allow")


class Link(Answer):
    kind: str
    ticket: str
    reverse: bool = Field(description="The other ticket is related to this one, not this one to it.")


class Clock(Answer):
    target: str = ""
    cycle: int = 0
    state: str = Field("", description="running, paused, met, breached or cancelled")
    due_at: int | None = None


class TicketAnswer(Answer):
    """A ticket as in lists."""

    id: str
    seq: int = Field(description="What this reflects: send it back as `seen` or If-Match.")
    number: int = 0
    reference: str = Field("", description="The number as people write it: SUP-1024.")
    status: str = ""
    sub_status: str | None = Field(None, description="What the policy calls the status more closely.")
    owner: str | None = None
    team: str = ""
    tier: int = 1
    priority: str = ""
    ticket_type: str = ""
    category: str = ""
    subject: str = ""
    tags: list[str] = []
    links: list[Link] = []
    merged: list[str] = []
    merged_into: str | None = None
    language: str | None = None
    channel: str = ""
    account: str = ""
    customer: str | None = None
    customer_name: str = ""
    since: int | None = Field(None, description="When the customer began to wait for the desk.")
    last_customer_at: int | None = None
    awaiting: str = Field("nobody", description="customer, agent or nobody")
    work_state: str | None = Field(None, description="queued, offered, held, or nothing to do")
    holder: str | None = None
    epoch: int | None = None
    rank: int | None = Field(None, description="Place in the queue: the lowest goes first.")
    resolution: int = 0
    clocks: list[Clock] = []


class MessageAnswer(Answer):
    """A message with its text, unless that was erased or is not there yet."""

    id: str
    seq: int
    thread: str = Field("", description="Its conversation; for a note, its ticket.")
    at: int = 0
    kind: str = Field("", description="received, sent or note")
    author_kind: str = ""
    author: str = ""
    delivery: str | None = None
    content: MessageText | None = None


class WholeTicket(TicketAnswer):
    """A ticket with everything that belongs to it."""

    conversations: list[Answer] = []
    messages: list[MessageAnswer] = []
    earlier_messages: bool = Field(default=False, description="There are more before these: read them by page.")
    tasks: list[Answer] = []
    surveys: list[Answer] = []
    contact_points: list[Answer] = []
    participants: list[Answer] = Field([], description="Contact points that were copied in, with their addresses.")
    fields: dict[str, str] = {}


class TicketList(BaseModel):
    items: list[TicketAnswer]
    next: str | None = Field(None, description="Cursor of the next page.")


class MessageList(BaseModel):
    items: list[MessageAnswer]
    next: str | None = None


class AgentAnswer(Answer):
    id: str
    seq: int
    name: str = ""
    email: str = ""
    role: str = ""
    team: str | None = None
    state: str = "not_ready"
    reason: str = ""
    capacity: int = 0
    load: int = 0
    held: int = 0
    offered: int = 0
    removed: bool = False


class AgentList(BaseModel):
    items: list[AgentAnswer]
    next: str | None = None


class List(BaseModel):
    """Items as the desk keeps them."""

    items: list[dict[str, Any]]
    next: str | None = None


class QueueAnswer(BaseModel):
    """What waits, best first."""

    waiting: int
    now: int
    items: list[Answer]


class OutcomeAnswer(BaseModel):
    """What became of a write. `accepted`: it is durable and not decided yet; ask at `Location`."""

    command: str
    state: Literal["done", "refused", "internal", "accepted"]
    reason: str | None = None
    seq: int = Field(0, description="The documents it changed reflect at least this.")
    made: dict[str, str] = Field(default={}, description="What it created, by kind.")
