"""What is asked of tickets."""

from typing import Annotated

from pydantic import Field

from shared.catalogue.commands.command import Command
from shared.catalogue.values import Attachment, Contact, Id, Language, LinkKind, Value
from shared.clock import Ms
from shared.policy.terms import Priority, Status, TicketType

Text = Annotated[str, Field(max_length=65_536)]
MOST_COPIES = 20
"""So many people one reply may copy: they and all else the command asks for are facts of one command."""


class Reply(Value):
    """A public reply to the customer, on the ticket's latest conversation unless one is named.

    Those in `cc` take part in the conversation from here on. A release that does not know them would leave them out:
    nobody is copied before the rules `agents_copy` are in force.
    """

    text: Annotated[str, Field(min_length=1, max_length=65_536)]
    conversation: Id | None = None
    attachments: tuple[Attachment, ...] = ()
    language: Language | None = None
    cc: Annotated[tuple[Contact, ...], Field(max_length=MOST_COPIES)] = ()


class Promise(Value):
    """Something promised to the customer by a time: becomes a task with that due time."""

    due_at: Ms
    note: Text = ""


class OpenTicket(Command):
    """A person or a program opens a ticket: for a customer, or with neither `customer` nor `contact` for the desk alone.

    The `contact` point is where the customer is written to; without one the customer's own is found, where the desk
    knows it. `reply` goes out there, and refuses the command where it cannot. `account` is the channel account it is
    on, the first mailbox unless said. Type, category, priority and team are the rules' where none is given.
    No release before this one can be sent such a command, and its facts are of types all of them know (readers first).
    """

    TYPE = "sanad.ticket.open.v1"
    SUBJECT = ("desk", "desk")

    desk: Id
    subject: Annotated[str, Field(min_length=1, max_length=500)]
    customer: Id | None = None
    contact: Id | None = None
    account: Id | None = None
    language: Language | None = None
    reply: Reply | None = None
    note: Text | None = None
    owner: Id | None = None
    team: Id | None = None
    priority: Priority | None = None
    ticket_type: TicketType | None = None
    category: str | None = None
    fields: dict[str, str] = {}
    tags: tuple[str, ...] = ()


class UpdateTicket(Command):
    """Everything an agent may do to a ticket in one go: a macro is atomic. None leaves a field as it is.

    `seen` is the ticket's seq the writer was looking at; with a reply, newer customer messages refuse the command.
    An empty `owner` gives the ticket back to the queue.
    `sub_status` is one of the policy's for the status the ticket has or is being given; an empty one takes it away.
    A release that does not know it would leave it out: it is refused before the rules `sub_statuses` are in force.
    """

    TYPE = "sanad.ticket.update.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    seen: int | None = None
    reply: Reply | None = None
    note: Text | None = None
    status: Status | None = None
    hold_reason: str | None = None
    sub_status: str | None = None
    until: Ms | None = None
    resolution_cause: str | None = None
    owner: str | None = None
    team: Id | None = None
    priority: Priority | None = None
    ticket_type: TicketType | None = None
    category: str | None = None
    fields: dict[str, str] = {}
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    promise: Promise | None = None
    spam: bool | None = None


class MergeTickets(Command):
    """`ticket` becomes part of `into`: earliest start, strictest clock, one survey, both numbers answer."""

    TYPE = "sanad.ticket.merge.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    into: Id


class UnmergeTicket(Command):
    """Take a merge back: the ticket lives again with the conversations it brought."""

    TYPE = "sanad.ticket.unmerge.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id


class SplitTicket(Command):
    """Move some messages of a ticket to a new ticket."""

    TYPE = "sanad.ticket.split.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    messages: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]


class LinkTickets(Command):
    """Relate two tickets without moving anything."""

    TYPE = "sanad.ticket.link.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    other: Id
    kind: LinkKind


class UnlinkTickets(Command):
    """Take a link back."""

    TYPE = "sanad.ticket.unlink.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    other: Id
    kind: LinkKind


class EscalateTicket(Command):
    """A clock's warning or breach asks for what the policy says of it. Sent by sla, with a deterministic id."""

    TYPE = "sanad.ticket.escalate.v1"
    SUBJECT = ("ticket", "ticket")

    ticket: Id
    target: str
    cycle: int
    cause: str
    notify: tuple[str, ...] = ()
    raise_priority: Priority | None = None
    raise_tier: bool = False
    to_team: Id | None = None
