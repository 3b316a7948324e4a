"""What becomes of an inbound message: in exactly one conversation, or set aside with a reason (S1)."""

from services.router.desk.desk import Desk
from services.router.desk.needs import as_skills
from services.router.desk.work import LIVE
from services.router.rules.access import allow
from services.router.rules.classification import classify
from services.router.rules.customers import owner_of, register
from services.router.rules.destination import Destination, find_destination, is_participant, thanks_for_nothing_open
from services.router.rules.inbound import Inbound, arrived, taken_back
from services.router.rules.reach import find_again
from services.router.rules.rejected import Part, Rejected, Rule
from services.router.rules.sending import acknowledge
from services.router.rules.work import queue, return_to_owner, wake
from shared.catalogue.commands import ReceiveMessage, RestoreMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    ConversationOpened,
    FieldsChanged,
    MessageReceived,
    MessageRestored,
    MessageSetAside,
    ParticipantJoined,
    StatusChanged,
    TicketOpened,
    TicketsLinked,
)  # fmt: skip
from shared.catalogue.values import AuthorKind
from shared.clock import DAY, Ms
from shared.ids import ticket_id
from shared.policy.policy import Policy
from shared.policy.terms import Channel, Status

RESTORABLE: Ms = 14 * DAY
"""As long as the log keeps what was written."""
WRITTEN_BY_ITS_OWNER = (None, "opt_out")
"""What proves that an address is in use. An address in a form is a claim, and may be the same mistake again."""
SPARE_FACTS = 12
"""Left for everything else when a mail brings many participants: a policy's fifty fit in beside what was due."""


def receive(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """A message of any channel. A repeated one never gets here."""
    command: ReceiveMessage = envelope.body
    inbound = arrived(envelope.id, command, at, desk.own_addresses)
    reason = reason_aside(desk, command)
    if inbound.channel is Channel.EMAIL and reason in WRITTEN_BY_ITS_OWNER:
        yield from find_again(desk, inbound.contact)
    if reason is None and thanks_for_nothing_open(desk, inbound):
        reason = "thanks"
    if reason is None:
        yield from take_in(desk, inbound, at)
    elif reason == "automatic" and (conversation := _automatic_home(desk, inbound)) is not None:
        theirs = is_participant(
            desk, desk.conversations[conversation], inbound.contact, owner_of(desk, inbound.contact)
        )
        yield _received(desk, inbound, conversation, "customer" if theirs else "third_party")
    else:
        yield MessageSetAside(
            message=inbound.message, reason=reason, contact=inbound.contact, channel=inbound.channel,
            account=inbound.account, sent_at=inbound.sent_at, assurance=inbound.assurance, language=inbound.language,
            words=inbound.words, thanks=inbound.thanks, conversation=inbound.conversation,
            attachments=inbound.attachments, restorable_until=at + RESTORABLE,
        )  # fmt: skip
    return {}


def reason_aside(desk: Desk, command: ReceiveMessage) -> str | None:
    """Why a message touches no ticket and no figure; the first reason counts.

    Spam is set aside even in a verified thread: a stolen mailbox has all the threads, and a restoration is one click.
    """
    contact = desk.contacts.get(command.sender.id)
    reasons = (
        (desk.policy is None, "no_policy"),
        (contact is not None and contact.blocked, "blocked"),
        (command.sender.address.casefold() in desk.own_addresses, "echo"),
        (command.automatic is not None, "automatic"),
        (command.spam is not None, "spam"),
        (command.opt_out, "opt_out"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _automatic_home(desk: Desk, inbound: Inbound) -> str | None:
    """Bounces and absence notes are kept with the conversation our verified address named, and change nothing there."""
    row = desk.conversations.get(inbound.conversation)
    return inbound.conversation if row is not None and desk.ticket(row.ticket) is not None else None


def restore(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Take a message back in, as if it had just been accepted; its age is its own."""
    command: RestoreMessage = envelope.body
    allow(desk, command.by, "message.restore")
    row = desk.asides.get(command.message)
    if row is None or row.until <= at:
        raise Rejected("not_set_aside")
    if desk.policy is None:
        raise Rejected("no_policy")
    yield MessageRestored(message=command.message)
    return (yield from take_in(desk, taken_back(envelope.id, command.message, row), at))


def take_in(desk: Desk, inbound: Inbound, at: Ms) -> Rule:
    """Into its conversation, opening what is needed."""
    customer = owner_of(desk, inbound.contact)
    yield from register(desk, inbound.contact, inbound.language)
    destination = find_destination(desk, inbound, customer)
    if destination.ticket is not None:
        yield from join(desk, inbound, destination.ticket, destination.conversation, customer, at)
        return {"ticket": destination.ticket}
    yield from open_ticket(desk, desk.policy, inbound, customer, destination, at)
    return {"ticket": ticket_id(inbound.command), "number": str(desk.numbers)}


def join(desk: Desk, inbound: Inbound, ticket: str, conversation: str | None, customer: str, at: Ms) -> Part:
    """One more message on a ticket. Thanks alone changes nothing; anything else makes it the desk's turn again.

    That holds for a hold as well: whoever waits for a third party wants to know that the customer has written.
    """
    row = desk.tickets[ticket]
    if conversation is None:
        conversation = inbound.message
        yield _conversation_opened(inbound, ticket, conversation, customer)
    yield _received(desk, inbound, conversation, "customer")
    if conversation == inbound.conversation:
        # by our own reference; without one the sender may be anybody, and the copied would hear our replies
        yield from _copied(desk, inbound, conversation)
    if inbound.thanks:
        return
    again = row.status is Status.RESOLVED
    if row.status in LIVE:
        yield from wake(desk, ticket, at, "customer_replied")
    else:
        yield StatusChanged(
            ticket=ticket, former=row.status, status=Status.OPEN, cause="reopened" if again else "customer_replied",
            resolution=row.resolution, owner=row.owner, reopens=row.reopens + again,
        )  # fmt: skip
        yield from return_to_owner(desk, ticket, at, "reopened" if again else "customer_replied")


def _received(
    desk: Desk, inbound: Inbound, conversation: str, author_kind: AuthorKind, *, first: bool = False
) -> MessageReceived:
    row = desk.conversations[conversation]
    return MessageReceived(
        message=inbound.message, conversation=conversation, ticket=row.ticket, contact=inbound.contact,
        customer=desk.tickets[row.ticket].customer, author_kind=author_kind, channel=inbound.channel,
        account=inbound.account, sent_at=inbound.sent_at, assurance=inbound.assurance, automatic=inbound.automatic,
        thanks=inbound.thanks, language=inbound.language, attachments=inbound.attachments, first=first,
    )  # fmt: skip


def _conversation_opened(inbound: Inbound, ticket: str, conversation: str, customer: str) -> ConversationOpened:
    return ConversationOpened(
        conversation=conversation, ticket=ticket, customer=customer, contact=inbound.contact,
        channel=inbound.channel, account=inbound.account,
    )  # fmt: skip


def _copied(desk: Desk, inbound: Inbound, conversation: str) -> Part:
    """Whom the requester copies takes part; whom anybody else copies does not, for access is not theirs to give."""
    row = desk.conversations[conversation]
    limit = desk.policy.limits.participants if desk.policy else 0
    if inbound.contact != row.contact:
        return
    for contact in inbound.copied:
        if contact == row.contact or contact in row.participants:
            continue
        if len(row.participants) >= limit or desk.facts_left <= SPARE_FACTS:
            return
        yield ParticipantJoined(conversation=conversation, contact=contact, how="copied_by_requester")


def open_ticket(
    desk: Desk, policy: Policy | None, inbound: Inbound, customer: str, destination: Destination, at: Ms
) -> Part:
    """A new problem: classified, numbered, acknowledged, and waiting for whoever can help."""
    if policy is None:
        raise Rejected("no_policy")
    ticket, conversation = ticket_id(inbound.command), inbound.message
    follow_up = destination.follow_up
    owner = follow_up.owner if follow_up and follow_up.owner in desk.agents else None
    what = classify(desk, policy, inbound, customer, follow_up)
    yield TicketOpened(
        ticket=ticket, number=desk.numbers + 1, customer=customer, conversation=conversation,
        channel=inbound.channel, account=inbound.account, brand=what.brand, ticket_type=what.ticket_type,
        category=what.category, priority=what.priority, team=what.team, tier=desk.team(what.team).tier,
        skills=as_skills(what.needs), tags=what.tags, language=what.language, customer_tier=what.customer_tier,
        since=inbound.sent_at, rule=what.rule, policy_version=policy.version, owner=owner,
        cause="follow_up" if follow_up else "message",
    )  # fmt: skip
    yield _conversation_opened(inbound, ticket, conversation, customer)
    yield _received(desk, inbound, conversation, "customer", first=True)
    if inbound.fields:
        yield FieldsChanged(ticket=ticket, names=inbound.fields, command=inbound.command)
    if follow_up:
        yield TicketsLinked(ticket=ticket, other=follow_up.ticket, kind="follow_up_of")
    if destination.beside:
        yield TicketsLinked(ticket=ticket, other=destination.beside, kind="child_of")
    yield from _copied(desk, inbound, conversation)
    yield from acknowledge(desk, ticket, conversation)
    yield from (return_to_owner if owner else queue)(desk, ticket, at, "opened")
