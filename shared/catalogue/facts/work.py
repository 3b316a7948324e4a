"""What happened to work items and those who hold them."""

from typing import Literal

from shared.catalogue.facts.fact import Fact
from shared.catalogue.values import Id, Skill, Span, TaskPurpose, Why
from shared.clock import Ms
from shared.policy.terms import Channel, Priority, WorkKind


class WorkQueued(Fact):
    """The item waits in its team's queue. Queue key = `waiting_since` − `head_start`: the lowest goes first."""

    TYPE = "sanad.work.queued.v1"
    SUBJECT = ("work", "work")

    work: Id
    kind: WorkKind
    ticket: Id | None
    team: Id
    tier: int = 1
    skills: tuple[Skill, ...] = ()
    channel: Channel
    priority: Priority
    waiting_since: Ms
    head_start: Ms
    cause: str
    not_agent: Id | None = None


class WorkAssigned(Fact):
    """`agent` holds the item under this epoch. `forced` marks an assignment capacity did not decide."""

    TYPE = "sanad.work.assigned.v1"
    SUBJECT = ("work", "work")

    work: Id
    ticket: Id | None
    agent: Id
    epoch: int
    how: Literal["automatic", "accepted", "taken", "given", "returned"]
    forced: bool = False
    weight: int
    why: Why


class WorkOffered(Fact):
    """The item is offered to `agent` under this epoch until a time; meanwhile it takes their room."""

    TYPE = "sanad.work.offered.v1"
    SUBJECT = ("work", "work")

    work: Id
    ticket: Id | None
    agent: Id
    epoch: int
    until: Ms
    weight: int
    why: Why


class OfferLapsed(Fact):
    """The offer ended without being accepted."""

    TYPE = "sanad.work.offer_lapsed.v1"
    SUBJECT = ("work", "work")

    work: Id
    agent: Id
    epoch: int
    cause: Literal["declined", "timeout", "withdrawn"]


class WorkReleased(Fact):
    """The holder no longer holds it."""

    TYPE = "sanad.work.released.v1"
    SUBJECT = ("work", "work")

    work: Id
    ticket: Id | None
    agent: Id
    epoch: int
    cause: str


class WorkFinished(Fact):
    """Nothing is left to do; who held it is free."""

    TYPE = "sanad.work.finished.v1"
    SUBJECT = ("work", "work")

    work: Id
    ticket: Id | None
    agent: Id | None
    cause: str


class TaskOpened(Fact):
    """A task with a due time exists; `work` is its work item's id too."""

    TYPE = "sanad.task.opened.v1"
    SUBJECT = ("work", "task")

    task: Id
    purpose: TaskPurpose
    ticket: Id | None
    team: Id
    owner: Id | None
    due_at: Ms
    by: Id


class TaskCompleted(Fact):
    """The task was done."""

    TYPE = "sanad.task.completed.v1"
    SUBJECT = ("work", "task")

    task: Id
    ticket: Id | None
    by: Id


class AgentConfigured(Fact):
    """A seat as it is from now on, whole."""

    TYPE = "sanad.agent.configured.v1"
    SUBJECT = ("agent", "agent")

    agent: Id
    role: str
    language: str
    capacity: int
    team: Id | None
    secondary_teams: tuple[Id, ...] = ()
    skills: tuple[Skill, ...] = ()


class AgentRemoved(Fact):
    """The seat ended; a later `agent.configured` opens it again."""

    TYPE = "sanad.agent.removed.v1"
    SUBJECT = ("agent", "agent")

    agent: Id


class PresenceChanged(Fact):
    """Ready on these channels (all when empty), or not ready for a reason."""

    TYPE = "sanad.agent.presence_changed.v1"
    SUBJECT = ("agent", "agent")

    agent: Id
    state: Literal["ready", "not_ready"]
    channels: tuple[Channel, ...] = ()
    reason: str = ""
    until: Ms | None = None
    cause: str = "asked"


class ShiftsPlanned(Fact):
    """The agent's coming shifts."""

    TYPE = "sanad.agent.shifts_planned.v1"
    SUBJECT = ("agent", "agent")

    agent: Id
    shifts: tuple[Span, ...]
