"""Work items as rows: what the handling of a ticket and a task have in common, and what each is beyond that.

Rows are many, so they are slotted, and small words are shared objects. A ticket's handling has the ticket's id.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from services.router.desk.needs import Needs, read_needs
from shared.catalogue.values import TaskPurpose
from shared.clock import Ms
from shared.policy.terms import Channel, Priority, Status, TicketType, WorkKind
from shared.tables import Reader, Shape

Holding = Literal["idle", "queued", "offered", "held"]
"""Nobody's turn · waits in a queue · offered to `agent` · `agent` holds it."""
LIVE = (Status.NEW, Status.OPEN)
"""Statuses in which it is the desk's turn."""

CHANNELS = {str(channel): channel for channel in Channel}
PRIORITIES = {str(priority): priority for priority in Priority}
STATUSES = {str(status): status for status in Status}
TYPES = {str(sort): sort for sort in TicketType}


@dataclass(slots=True, kw_only=True)
class Work(ABC):
    """What is queued, offered, held and weighed.

    `due` is when the desk looks at it again by itself: an offer's end, the next relaxation, the end of a pass, the
    time its absent owner has to come back. `asked` are the needs as relaxed by now, `since` the wait the queue counts.
    """

    slot: int = -1
    team: str
    tier: int = 1
    needs: Needs = ()
    channel: Channel
    priority: Priority
    holding: Holding = "idle"
    agent: str | None = None
    epoch: int = 0
    asked: Needs = ()
    since: Ms = 0
    key: Ms = 0
    not_agent: str | None = None
    due: Ms | None = None

    @property
    @abstractmethod
    def kind(self) -> WorkKind:
        """What sort of work it is."""

    @property
    @abstractmethod
    def phase(self) -> str:
        """The state its weight is looked up by."""

    def phase_at(self, _at: Ms) -> str:
        """Its phase, once somebody has it from this time on."""
        return self.phase

    @property
    @abstractmethod
    def wants_work(self) -> bool:
        """Whether somebody should hold it or be found for it."""

    @property
    def holder(self) -> str | None:
        return self.agent if self.holding == "held" else None


@dataclass(slots=True, kw_only=True)
class Ticket(Work):
    """A problem and its handling. `waiting_since` is the oldest customer message nobody has answered.

    `heard` is the desk's seq of the last customer message. `until` is when a hold, the reopen window
    or the time to take spam back ends; `held_until` keeps the end of a hold meanwhile.
    `answers` are the public replies since `answered_since`, the wait they ended, without those that never arrived.
    """

    number: int
    customer: str
    account: str
    ticket_type: TicketType
    category: str
    status: Status = Status.NEW
    language: str | None = None
    customer_tier: str | None = None
    rule: str = ""
    tags: tuple[str, ...] = ()
    owner: str | None = None
    opened: Ms = 0
    waiting_since: Ms | None = None
    heard: int = 0
    answers: tuple[str, ...] = ()
    answered_since: Ms | None = None
    resolution: int = 0
    reopens: int = 0
    until: Ms | None = None
    held_until: Ms | None = None
    resolved_at: Ms | None = None
    spam: bool = False
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    conversations: tuple[str, ...] = ()

    @property
    def kind(self) -> WorkKind:
        return WorkKind.TICKET

    @property
    def phase(self) -> str:
        return self.status

    @property
    def wants_work(self) -> bool:
        return self.status in LIVE and not self.spam and self.merged_into is None


@dataclass(slots=True, kw_only=True)
class Task(Work):
    """A piece of work with a due time. It weighs nothing and waits for nobody until it has `begun`."""

    purpose: TaskPurpose
    ticket: str | None = None
    due_at: Ms
    begun: bool = False

    @property
    def kind(self) -> WorkKind:
        return WorkKind.TASK

    @property
    def phase(self) -> str:
        return Status.OPEN if self.begun else Status.ON_HOLD

    def phase_at(self, at: Ms) -> str:
        return Status.OPEN if self.begun or at >= self.due_at else Status.ON_HOLD

    @property
    def wants_work(self) -> bool:
        return self.begun


_WORK: dict[str, Reader] = {
    "needs": read_needs, "asked": read_needs, "channel": CHANNELS.__getitem__, "priority": PRIORITIES.__getitem__,
}  # fmt: skip
TICKET = Shape(Ticket, _WORK | {"ticket_type": TYPES.__getitem__, "status": STATUSES.__getitem__})
TASK = Shape(Task, _WORK)
