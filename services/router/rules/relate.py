"""Splitting a ticket, and relating tickets to each other."""

from services.router.desk.conversations import Conversation
from services.router.desk.desk import Desk
from services.router.desk.needs import as_skills
from services.router.desk.work import Ticket
from services.router.rules.access import allow, live_ticket
from services.router.rules.rejected import Part, Rejected, Rule
from services.router.rules.work import queue
from shared.catalogue.commands import LinkTickets, SplitTicket, UnlinkTickets
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import ConversationOpened, MessageMoved, TicketOpened, TicketsLinked, TicketsUnlinked
from shared.clock import Ms
from shared.ids import named_id, ticket_id

BY_THE_DESK = ("merged_into", "split_from", "follow_up_of")
"""Links that say what happened; people relate tickets by the others."""
MOST_MOVED = 64
"""A split is one command: a fact per message, and one per conversation they come from, must fit beside what was due."""


def split(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Some of the customer's messages are another problem: a new ticket that has waited since the oldest of them.

    Our own replies stay: a report of their delivery must find them where they were sent.
    """
    command: SplitTicket = envelope.body
    row = live_ticket(desk, command.ticket)
    allow(desk, command.by, "ticket.split", row)
    asked = tuple(dict.fromkeys(command.messages))
    places = {message: _place_of(desk, row, message) for message in asked}
    theirs = sum(when >= 0 for each in row.conversations for when in desk.conversations[each].sent)
    if len(asked) == theirs:
        raise Rejected("nothing_left")
    if len(places) + len({*places.values()}) > MOST_MOVED:
        raise Rejected("too_many_messages")
    ticket = ticket_id(envelope.id)
    if ticket in desk.tickets:
        raise Rejected("already_exists")
    since = min(_sent_at(desk.conversations[place], message) for message, place in places.items())
    homes = {place: named_id(ticket, place) for place in places.values()}
    yield _opened(desk, command, row, ticket, next(iter(homes.values())), since)
    for place, conversation in homes.items():
        from_row = desk.conversations[place]
        yield ConversationOpened(
            conversation=conversation, ticket=ticket, customer=row.customer, contact=from_row.contact,
            channel=from_row.channel, account=from_row.account,
        )  # fmt: skip
    yield from _move(command.ticket, ticket, places, homes)
    yield TicketsLinked(ticket=ticket, other=command.ticket, kind="split_from")
    yield from queue(desk, ticket, at, "split")
    return {"ticket": ticket, "number": str(desk.tickets[ticket].number)}


def _move(former: str, ticket: str, places: dict[str, str], homes: dict[str, str]) -> Part:
    for message, place in places.items():
        yield MessageMoved(
            message=message, ticket=ticket, conversation=homes[place], former_ticket=former, former_conversation=place
        )


def _place_of(desk: Desk, row: Ticket, message: str) -> str:
    for conversation in row.conversations:
        there = desk.conversations[conversation]
        if message in there.messages:
            if _sent_at(there, message) < 0:
                raise Rejected("not_a_customer_message")
            return conversation
    raise Rejected("no_such_message")


def _sent_at(row: Conversation, message: str) -> Ms:
    return row.sent[row.messages.index(message)]


def _opened(desk: Desk, command: SplitTicket, row: Ticket, ticket: str, conversation: str, since: Ms) -> TicketOpened:
    """Classified as the ticket it comes from: the rules have no text to look at again."""
    account = desk.policy.accounts.get(row.account) if desk.policy else None
    return TicketOpened(
        ticket=ticket, number=desk.numbers + 1, customer=row.customer, conversation=conversation, channel=row.channel,
        account=row.account, brand=(account.brand or None) if account else None, ticket_type=row.ticket_type,
        category=row.category, priority=row.priority, team=row.team, tier=row.tier, skills=as_skills(row.needs),
        tags=row.tags, language=row.language, customer_tier=row.customer_tier, since=since, rule=row.rule,
        policy_version=desk.policy_version, cause="split",
    )  # fmt: skip


def link(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Relate two live tickets; to say it twice changes nothing."""
    command: LinkTickets = envelope.body
    row = _related(desk, command)
    live_ticket(desk, command.other)
    if (command.kind, command.other) not in row.links:
        yield TicketsLinked(ticket=command.ticket, other=command.other, kind=command.kind)
    return {}


def unlink(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Take a relation back, whatever became of the other ticket."""
    command: UnlinkTickets = envelope.body
    row = _related(desk, command)
    if (command.kind, command.other) not in row.links:
        raise Rejected("not_linked")
    yield TicketsUnlinked(ticket=command.ticket, other=command.other, kind=command.kind)
    return {}


def _related(desk: Desk, command: LinkTickets | UnlinkTickets) -> Ticket:
    row = live_ticket(desk, command.ticket)
    allow(desk, command.by, "ticket.link", row)
    if command.ticket == command.other:
        raise Rejected("same_ticket")
    if command.kind in BY_THE_DESK:
        raise Rejected("not_by_hand")
    return row
