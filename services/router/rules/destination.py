"""Where an inbound message belongs: into a conversation, onto a ticket, or onto a new one (domain: "A ticket's life")."""

from dataclasses import dataclass

from services.router.desk.conversations import Conversation
from services.router.desk.desk import Desk
from services.router.desk.work import Ticket
from services.router.rules.customers import owner_of
from services.router.rules.inbound import CONVERSATIONAL, Inbound
from services.router.rules.sending import follow_up_of, is_known
from shared.catalogue.values import FollowUp
from shared.policy.terms import Status


@dataclass(frozen=True, slots=True)
class Destination:
    """`ticket` None opens a new one: as a `follow_up`, or related to the ticket whose thread a stranger wrote into."""

    ticket: str | None = None
    conversation: str | None = None
    follow_up: FollowUp | None = None
    beside: str | None = None


NEW = Destination()


def find_destination(desk: Desk, inbound: Inbound, customer: str) -> Destination:
    """A verified thread first, then a quoted message, then the channel's habit.

    Web forms, mail and every other channel without one running exchange open a new ticket when nothing is verified or
    quoted: a forged or lost reference must never put one customer's words before another. What was marked as spam is
    no place for anything: who writes again is heard again, unless their address is blocked.
    """
    if inbound.conversation is not None:
        found = _by_thread(desk, inbound, customer)
        if found is not None:
            return found
    tickets = [*reversed(desk.tickets_of(customer))]
    for ticket in tickets if inbound.quoted else ():
        conversation = _quoted(desk, desk.tickets[ticket], inbound)
        if conversation is not None:
            return Destination(ticket, conversation)
    if inbound.channel in CONVERSATIONAL:
        return _running(desk, inbound, tickets)
    limit = desk.policy.limits.open_tickets_per_customer if desk.policy else 1
    unresolved = [ticket for ticket in tickets if desk.tickets.value(ticket, "status") is not Status.RESOLVED]
    if len(unresolved) >= limit:
        return Destination(unresolved[0], _alone_with(desk, unresolved[0], inbound, customer))
    return NEW


def is_participant(desk: Desk, row: Conversation, contact: str, customer: str) -> bool:
    """The requester, whoever was copied in, or another contact point of the ticket's customer."""
    if contact == row.contact or contact in row.participants:
        return True
    return desk.person(desk.tickets[row.ticket].customer) == customer


def _by_thread(desk: Desk, inbound: Inbound, customer: str) -> Destination | None:
    row = desk.conversations.get(inbound.conversation)
    ticket = desk.tickets[row.ticket] if row is not None else None
    if ticket is not None and ticket.spam:
        return None
    if row is not None and ticket is not None and ticket.status is not Status.CLOSED:
        if is_participant(desk, row, inbound.contact, customer):
            return Destination(row.ticket, inbound.conversation)
        return Destination(beside=row.ticket)
    if row is not None and inbound.thanks and is_participant(desk, row, inbound.contact, customer):
        # recorded where it belongs: it asks for nothing, so there is nothing to follow up
        return Destination(row.ticket, inbound.conversation)
    if inbound.follow_up is not None:
        return Destination(follow_up=inbound.follow_up)
    if row is not None and ticket is not None:
        return Destination(follow_up=follow_up_of(row.ticket, ticket))
    return None


def thanks_for_nothing_open(desk: Desk, inbound: Inbound) -> bool:
    """Whether it only says thanks, and would open a ticket by that: after the reopen window, from a stranger to the
    thread, or in a running exchange of which nothing is open. As the first words of a mail it is a ticket."""
    if not inbound.thanks:
        return False
    found = find_destination(desk, inbound, owner_of(desk, inbound.contact))
    late = found.follow_up is not None or found.beside is not None or inbound.channel in CONVERSATIONAL
    return found.ticket is None and late


def _quoted(desk: Desk, ticket: Ticket, inbound: Inbound) -> str | None:
    for conversation in ticket.conversations:
        row = desk.conversations[conversation]
        if any(is_known(conversation, row, message) for message in inbound.quoted):
            return conversation
    return None


def _running(desk: Desk, inbound: Inbound, tickets: list[str]) -> Destination:
    """The latest active ticket on this account; a resolved one whose window is open only if there is no other."""
    here = [ticket for ticket in tickets if _on_account(desk, ticket, inbound)]
    here.sort(key=lambda ticket: desk.tickets.value(ticket, "status") is Status.RESOLVED)
    return Destination(here[0], _on_account(desk, here[0], inbound)) if here else NEW


def _alone_with(desk: Desk, ticket: str, inbound: Inbound, customer: str) -> str | None:
    """The conversation on this account, if nobody but the customer takes part in it: nothing proves who wrote."""
    conversation = _on_account(desk, ticket, inbound)
    others = desk.conversations[conversation].participants if conversation is not None else ()
    return None if any(owner_of(desk, contact) != customer for contact in others) else conversation


def _on_account(desk: Desk, ticket: str, inbound: Inbound) -> str | None:
    """The ticket's latest conversation with this contact point on this account."""
    for conversation in reversed(desk.tickets[ticket].conversations):
        row = desk.conversations[conversation]
        if row.account == inbound.account and row.contact == inbound.contact:
            return conversation
    return None
