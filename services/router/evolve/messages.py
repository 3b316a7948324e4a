"""What facts about messages and conversations do to the desk."""

from itertools import count

from services.router.desk.conversations import Conversation, SetAside
from services.router.desk.desk import Desk
from services.router.desk.people import ContactPoint
from services.router.evolve.waits import MOST_ANSWERS, earliest, lay_aside, move_wait, wait_again
from shared.catalogue.facts import (
    ConversationMoved,
    ConversationOpened,
    DeliveryReported,
    MessageMoved,
    MessageReceived,
    MessageRestored,
    MessageSent,
    MessageSetAside,
    ParticipantJoined,
)  # fmt: skip
from shared.clock import Ms

KEPT_ASIDE = 20_000
"""So many set-aside messages can be restored at most; the oldest go first."""


def received(desk: Desk, fact: MessageReceived, at: Ms) -> None:
    desk.memories["heard"].add(fact.message, at)
    conversation = desk.conversations.change(fact.conversation)
    _append(conversation, fact.message, fact.sent_at)
    if fact.automatic:
        return
    conversation.latest = fact.message
    ticket = desk.tickets.change(fact.ticket)
    ticket.heard = desk.seq
    if not fact.thanks and fact.author_kind == "customer":
        since = min(fact.sent_at, at)
        conversation.unanswered = (*conversation.unanswered, since)
        ticket.waiting_since = earliest(ticket.waiting_since, since)


def _append(conversation: Conversation, message: str, sent_at: Ms) -> None:
    conversation.messages = (*conversation.messages, message)
    conversation.sent = (*conversation.sent, sent_at)


def set_aside(desk: Desk, fact: MessageSetAside, at: Ms) -> None:
    desk.memories["heard"].add(fact.message, at)
    desk.asides.add(
        fact.message,
        SetAside(
            until=fact.restorable_until, contact=fact.contact, reason=fact.reason, channel=fact.channel,
            account=fact.account, sent_at=fact.sent_at, assurance=fact.assurance, language=fact.language,
            words=fact.words, thanks=fact.thanks, conversation=fact.conversation, attachments=fact.attachments,
        ),
    )  # fmt: skip
    while (oldest := next(iter(desk.asides), None)) is not None:
        if desk.asides[oldest].until > at and len(desk.asides) <= KEPT_ASIDE:
            break
        desk.asides.remove(oldest)
    if fact.reason == "opt_out":
        row = contact_row(desk, fact.contact)
        row.opted_out = tuple(sorted({*row.opted_out, brand_of(desk, fact.account)}))


def contact_row(desk: Desk, contact: str) -> ContactPoint:
    """The contact point's row, to be changed now."""
    return desk.contacts.change(contact) if contact in desk.contacts else desk.contacts.add(contact, ContactPoint())


def brand_of(desk: Desk, account: str) -> str:
    """Consent is per contact point and brand; an account the policy no longer has stands for itself."""
    known = desk.policy.accounts.get(account) if desk.policy else None
    return known.brand if known else account


def restored(desk: Desk, fact: MessageRestored, at: Ms) -> None:
    row = desk.asides[fact.message]
    desk.asides.remove(fact.message)
    if row.reason == "opt_out":
        contact = contact_row(desk, row.contact)
        contact.opted_out = tuple(brand for brand in contact.opted_out if brand != brand_of(desk, row.account))


def sent(desk: Desk, fact: MessageSent, at: Ms) -> None:
    conversation = desk.conversations.change(fact.conversation)
    if fact.automatic and fact.survey is None:
        answered = desk.memories["answered"]
        answered.add(next(mark for turn in count() if (mark := f"{conversation.contact}:{turn}") not in answered), at)
        return
    if fact.survey is not None:
        conversation.surveys = (*conversation.surveys, fact.message)
    else:
        _append(conversation, fact.message, -at)
        ticket = desk.tickets.change(fact.ticket)
        if fact.author_kind == "agent":
            if ticket.holding == "held" and (ticket.waiting_since is not None or fact.by == ticket.agent):
                # whoever answers is there: nobody waits for them to come back
                ticket.due = None
            lay_aside(desk, ticket)
            ticket.answers = (*ticket.answers, fact.message)[-MOST_ANSWERS:]


def moved(desk: Desk, fact: MessageMoved, at: Ms) -> None:
    former, now = desk.conversations.change(fact.former_conversation), desk.conversations.change(fact.conversation)
    place = former.messages.index(fact.message)
    when = former.sent[place]
    _append(now, fact.message, when)
    former.messages = former.messages[:place] + former.messages[place + 1 :]
    former.sent = former.sent[:place] + former.sent[place + 1 :]
    waits = (when,) if when in former.unanswered else ()
    if waits:
        others = [*former.unanswered]
        others.remove(when)
        former.unanswered, now.unanswered = tuple(others), (*now.unanswered, when)
    for conversation in (former, now):
        theirs = zip(conversation.messages, conversation.sent, strict=True)
        conversation.latest = next((message for message, when in reversed([*theirs]) if when >= 0), None)
    move_wait(desk, desk.tickets.change(fact.former_ticket), desk.tickets.change(fact.ticket), waits)


def delivery_reported(desk: Desk, fact: DeliveryReported, at: Ms) -> None:
    desk.memories["settled"].add(report_name(fact.delivery, fact.outcome, permanent=fact.permanent), at)
    if fact.outcome != "failed" or not fact.permanent:
        return
    for key in desk.family(fact.ticket):
        if fact.message in desk.tickets[key].answers:
            ticket, host = desk.tickets.change(key), desk.tickets.change(fact.ticket)
            ticket.answers = tuple(answer for answer in ticket.answers if answer != fact.message)
            if not ticket.answers:
                wait_again(desk, key, host)


def report_name(delivery: str, outcome: str, *, permanent: bool) -> str:
    """What a report is remembered by, so that its repeat is no second fact."""
    return f"{delivery}:{outcome}:{permanent}"


def conversation_opened(desk: Desk, fact: ConversationOpened, at: Ms) -> None:
    ticket = desk.tickets.change(fact.ticket)
    ticket.conversations = (*ticket.conversations, fact.conversation)
    desk.conversations.add(
        fact.conversation,
        Conversation(
            ticket=fact.ticket, home=fact.ticket, contact=fact.contact, channel=fact.channel, account=fact.account
        ),
    )


def conversation_moved(desk: Desk, fact: ConversationMoved, at: Ms) -> None:
    former, now = desk.tickets.change(fact.former_ticket), desk.tickets.change(fact.ticket)
    former.conversations = tuple(other for other in former.conversations if other != fact.conversation)
    now.conversations = (*now.conversations, fact.conversation)
    row = desk.conversations.change(fact.conversation)
    row.ticket = fact.ticket
    move_wait(desk, former, now, row.unanswered)


def participant_joined(desk: Desk, fact: ParticipantJoined, at: Ms) -> None:
    row = desk.conversations.change(fact.conversation)
    row.participants = (*row.participants, fact.contact)
