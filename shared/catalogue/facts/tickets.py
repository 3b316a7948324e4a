"""What happened to tickets."""

from typing import Literal

from shared.catalogue.facts.fact import Fact
from shared.catalogue.values import Id, LinkKind, Skill
from shared.clock import Ms
from shared.policy.terms import Channel, Priority, Status, TicketType


class TicketOpened(Fact):
    """A problem exists. `since` is when the customer began to wait (`sent_at` of the first message).

    Where a person or a program opened it, nobody waits yet: `since` is when they did. The desk's own ticket is nobody's:
    its `customer` is the ticket itself.
    `rule` is the classification rule that decided, under `policy_version`.
    """

    TYPE = "sanad.ticket.opened.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    number: int
    customer: Id
    conversation: Id | None
    channel: Channel
    account: Id
    brand: Id | None = None
    ticket_type: TicketType
    category: str
    priority: Priority
    team: Id
    tier: int = 1
    skills: tuple[Skill, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    customer_tier: str | None = None
    since: Ms
    rule: str
    policy_version: int
    cause: Literal["message", "agent", "follow_up", "split"]
    owner: Id | None = None


class StatusChanged(Fact):
    """The ticket's status changed. `resolution` counts resolutions from 1; `owner` is frozen with a resolution.

    A sub-status belongs to one status: it ends where `status` is not the `former` one.
    """

    TYPE = "sanad.ticket.status_changed.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    former: Status
    status: Status
    cause: str
    by: Id | None = None
    hold_reason: str | None = None
    until: Ms | None = None
    resolution: int = 0
    owner: Id | None = None
    reopens: int = 0


class SubStatusChanged(Fact):
    """What the desk calls the ticket's `status` more closely, by its policy; None: nothing. Clocks do not read it.

    Written only where the rules `sub_statuses` are in force, for older readers do not know it (readers first).
    """

    TYPE = "sanad.ticket.sub_status_changed.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    status: Status
    sub_status: Id | None
    by: Id


class TicketPrioritised(Fact):
    """The priority changed."""

    TYPE = "sanad.ticket.prioritised.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    former: Priority
    priority: Priority
    cause: str


class TicketCategorised(Fact):
    """Type or category changed by hand."""

    TYPE = "sanad.ticket.categorised.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    ticket_type: TicketType
    category: str


class TicketTagged(Fact):
    """Tags were added or removed."""

    TYPE = "sanad.ticket.tagged.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class FieldsChanged(Fact):
    """These form fields changed; their values are text and lie in the text store under the command's id."""

    TYPE = "sanad.ticket.fields_changed.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    names: tuple[str, ...]
    command: Id


class TicketRouted(Fact):
    """Team, tier or needed skills changed."""

    TYPE = "sanad.ticket.routed.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    former_team: Id
    team: Id
    tier: int
    skills: tuple[Skill, ...] = ()
    cause: str


class OwnerChanged(Fact):
    """Who is responsible for the ticket, or nobody."""

    TYPE = "sanad.ticket.owner_changed.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    former: Id | None
    owner: Id | None
    cause: str


class SpamMarked(Fact):
    """The ticket counts in no figure and asks nobody's time, or does again."""

    TYPE = "sanad.ticket.spam_marked.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    spam: bool


class TicketMerged(Fact):
    """The ticket lives on in `into`; its number answers there."""

    TYPE = "sanad.ticket.merged.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    into: Id
    since: Ms


class TicketUnmerged(Fact):
    """The merge was taken back."""

    TYPE = "sanad.ticket.unmerged.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    former_into: Id


class TicketsLinked(Fact):
    """`ticket` is related to `other` as `kind` says."""

    TYPE = "sanad.ticket.linked.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    other: Id
    kind: LinkKind


class TicketsUnlinked(Fact):
    """The relation was taken back."""

    TYPE = "sanad.ticket.unlinked.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    other: Id
    kind: LinkKind


class TicketEscalated(Fact):
    """A clock's warning or breach was acted upon; `notified` are roles or agents who should see it."""

    TYPE = "sanad.ticket.escalated.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    target: str
    cycle: int
    cause: str
    notified: tuple[str, ...] = ()
