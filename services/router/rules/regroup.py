"""Merge and its undoing: two tickets are one problem, or were not after all."""

from services.router.desk.desk import Desk
from services.router.desk.work import LIVE, Ticket
from services.router.rules.access import allow, live_ticket
from services.router.rules.rejected import Part, Rejected, Rule
from services.router.rules.work import PAUSED, finish, open_again, queue, return_to_owner, wake
from shared.catalogue.commands import MergeTickets, UnmergeTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    ConversationMoved,
    TicketMerged,
    TicketsLinked,
    TicketsUnlinked,
    TicketUnmerged,
)  # fmt: skip
from shared.clock import Ms

MOST_CONVERSATIONS = 40
"""A merge is one command: what it moves must fit into its facts."""
MOST_MERGED = 500
"""Tickets that are one in the end: each of them is looked at whenever another joins them, or a reply turns out lost."""


def merge(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """`ticket` lives on in `into`: the earliest start, its conversations, both numbers. Across customers only by a lead.

    Where its customer waits and nobody works on `into`, it is the desk's turn there.
    """
    command: MergeTickets = envelope.body
    row, into = live_ticket(desk, command.ticket), live_ticket(desk, command.into)
    allow(desk, command.by, "ticket.merge", row)
    allow(desk, command.by, "ticket.merge", into)
    if command.ticket == command.into:
        raise Rejected("same_ticket")
    if row.spam or into.spam:
        raise Rejected("spam")
    if desk.person(row.customer) != desk.person(into.customer):
        allow(desk, command.by, "ticket.merge_across")
    if len(row.conversations) > MOST_CONVERSATIONS:
        raise Rejected("too_many_conversations")
    family = [*desk.family(command.ticket), *desk.family(command.into)]
    if len(family) > MOST_MERGED:
        raise Rejected("too_many_merged")
    asks = _asks(row, into)
    yield from finish(desk, command.ticket, "merged")
    for conversation in row.conversations:
        yield ConversationMoved(conversation=conversation, ticket=command.into, former_ticket=command.ticket)
    yield TicketMerged(
        ticket=command.ticket, into=command.into, since=min(desk.tickets[each].opened for each in family)
    )
    yield TicketsLinked(ticket=command.ticket, other=command.into, kind="merged_into")
    if asks:
        yield from _take_over(desk, command.into, at)
    return {"ticket": command.into}


def _asks(row: Ticket, into: Ticket) -> bool:
    """Whether it is the desk's turn from here on: not where somebody has both and has put both aside."""
    aside = row.status in PAUSED and into.status in PAUSED and into.holder is not None
    return row.wants_work or (row.waiting_since is not None and not aside)


def _take_over(desk: Desk, ticket: str, at: Ms) -> Part:
    """The wait of the merged ticket is this one's now."""
    row = desk.tickets[ticket]
    if row.status not in LIVE:
        yield open_again(ticket, row, "merged")
        yield from return_to_owner(desk, ticket, at, "merged")
    elif row.holding == "queued":
        yield from queue(desk, ticket, at, "merged", not_agent=row.not_agent)
    else:
        yield from wake(desk, ticket, at, "merged")


def unmerge(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """The ticket lives again, as it was, with the conversations that began on it; not once its host has closed.

    Where its customer waits it is the desk's turn again, as it is when they write to a ticket on hold.
    """
    command: UnmergeTicket = envelope.body
    row = desk.ticket(command.ticket)
    if row is None:
        raise Rejected("ticket_not_live")
    if row.merged_into is None:
        raise Rejected("not_merged")
    allow(desk, command.by, "ticket.merge", row)
    former = row.merged_into
    lives_in = desk.merged(command.ticket)
    if desk.ticket(lives_in) is None:
        # closed is the end for all that was merged: nobody keeps their promises any more
        raise Rejected("ticket_not_live")
    mine = {*desk.family(command.ticket)}
    moving = [each for each in desk.tickets[lives_in].conversations if desk.conversations[each].home in mine]
    if len(moving) > MOST_CONVERSATIONS:
        raise Rejected("too_many_conversations")
    yield TicketUnmerged(ticket=command.ticket, former_into=former)
    for conversation in moving:
        yield ConversationMoved(conversation=conversation, ticket=command.ticket, former_ticket=lives_in)
    yield TicketsUnlinked(ticket=command.ticket, other=former, kind="merged_into")
    if row.waiting_since is not None and row.status not in LIVE:
        # its customer has written since, or was never answered
        yield open_again(command.ticket, row, "unmerged")
    if row.wants_work:
        yield from return_to_owner(desk, command.ticket, at, "unmerged")
    return {"ticket": command.ticket}
