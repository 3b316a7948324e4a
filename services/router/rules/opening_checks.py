"""Everything that can refuse an `open_ticket`, and what it finds out on the way: for whom, from where, about what."""

from dataclasses import dataclass, replace

from services.router.desk.desk import Desk
from services.router.rules.access import allow, known_agent, known_team
from services.router.rules.classification import Classified, classify
from services.router.rules.copying import check_copies
from services.router.rules.customers import contact_of, find_customer
from services.router.rules.inbound import Inbound
from services.router.rules.rejected import Rejected
from services.router.rules.sending import refusal
from services.router.rules.update_checks import check_amounts, known_category
from services.router.rules.words import check_words
from shared.catalogue.commands import OpenTicket
from shared.clock import Ms
from shared.ids import ticket_id
from shared.policy.desk import Account
from shared.policy.policy import Policy
from shared.policy.terms import Channel, Purpose


@dataclass(frozen=True, slots=True)
class Opening:
    """A ticket that may be opened. Without a `contact` there is nobody to write to, and no conversation."""

    ticket: str
    customer: str
    contact: str | None
    account: Account
    what: Classified
    owner: str | None


def check(desk: Desk, policy: Policy, command_id: str, command: OpenTicket, at: Ms) -> Opening:
    """What will be opened. Raises Rejected with the first reason against it."""
    allow(desk, command.by, "ticket.open")
    ticket = ticket_id(command_id)
    if ticket in desk.tickets:
        raise Rejected("already_exists")
    customer = find_customer(desk, command.customer, command.contact)
    contact = command.contact or (contact_of(desk, customer) if customer is not None else None)
    account = _account(policy, command.account)
    if command.team is not None:
        known_team(desk, command.team)
    known_category(policy, command.category)
    what = _classified(desk, policy, command, account, customer or ticket, at)
    check_words((command.category, *command.tags, *command.fields))
    check_amounts(policy, what.tags, command.fields)
    _check_reply(desk, policy, command, account, contact)
    return Opening(ticket, customer or ticket, contact, account, what, _owner(desk, command, what.team))


def _account(policy: Policy, account: str | None) -> Account:
    """The one named, else the first mailbox, else the first of all."""
    if account is not None:
        if account not in policy.accounts:
            raise Rejected("no_such_account")
        return policy.accounts[account]
    doors = policy.accounts.values()
    return next((door for door in doors if door.channel is Channel.EMAIL), next(iter(doors)))


def _classified(desk: Desk, policy: Policy, command: OpenTicket, account: Account, customer: str, at: Ms) -> Classified:
    """As the rules say of a message without words from there, but for what was given. A category names its team."""
    known = desk.customers.get(customer)
    like = Inbound(
        command="", message="", contact="", address="", channel=account.channel, account=account.id, sent_at=at,
        assurance="none", language=command.language or (known.language if known else None), words=(), thanks=False,
        conversation=None, attachments=0,
    )  # fmt: skip
    said = classify(desk, policy, like, customer, None)
    by_category = policy.team_for(command.category, account.id).id if command.category is not None else said.team
    return replace(
        said, ticket_type=command.ticket_type or said.ticket_type, category=command.category or said.category,
        priority=command.priority or said.priority, team=command.team or by_category,
        tags=tuple(dict.fromkeys((*said.tags, *command.tags))),
    )  # fmt: skip


def _check_reply(desk: Desk, policy: Policy, command: OpenTicket, account: Account, contact: str | None) -> None:
    """Nobody has written to us here, so the customer's consent counts as for what the desk writes by itself."""
    if command.reply is None:
        return
    if command.reply.conversation is not None:
        raise Rejected("no_such_conversation")
    if contact is None:
        raise Rejected("no_contact_point")
    against = refusal(desk, account.id, contact, Purpose.SERVICE)
    if against is not None:
        raise Rejected(against)
    check_copies(desk, policy, command.reply, account.channel, (contact,))


def _owner(desk: Desk, command: OpenTicket, team: str) -> str | None:
    """Who was named. Whoever writes to the customer and belongs to the team keeps it, as with any reply."""
    if command.owner is not None:
        yours = command.owner == command.by.id
        allow(desk, command.by, "work.take" if yours else "work.give", own=yours)
        return known_agent(desk, command.owner)
    seat = desk.agents.get(command.by.id)
    replies = command.reply is not None and seat is not None and not seat.leaving and team in seat.teams
    return command.by.id if replies else None
