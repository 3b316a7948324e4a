"""Messages and the conversations they are in: ids and kinds, never what was said."""

from services.gateway.handlers.projection import Line, Rows
from services.gateway.store import CONVERSATIONS, MESSAGES, SET_ASIDE, TICKETS
from shared.catalogue.facts import (
    ConversationMoved,
    ConversationOpened,
    DeliveryReported,
    MessageMoved,
    MessageNoted,
    MessageReceived,
    MessageRestored,
    MessageSent,
    MessageSetAside,
    ParticipantJoined,
)
from shared.clock import Ms
from shared.ids import first_conversation_id

WITHIN = 4_096


def place_of(line: Line, at: Ms) -> int:
    """A message's place among others: by time, and within a millisecond in the order the desk took them."""
    return at * WITHIN + (line.mark + 1) % WITHIN


def conversation_opened(line: Line, fact: ConversationOpened, at: Ms) -> None:
    fields = fact.model_dump(mode="json", exclude={"conversation"})
    line.sheet.write(CONVERSATIONS.name, fact.conversation, **fields, opened_at=at)
    theirs = {"contact": fact.contact} if fact.conversation == first_conversation_id(fact.ticket) else {}
    line.sheet.patch(TICKETS.name, fact.ticket, **theirs)


def conversation_moved(line: Line, fact: ConversationMoved, at: Ms) -> None:
    line.sheet.patch(CONVERSATIONS.name, fact.conversation, ticket=fact.ticket)
    line.sheet.patch(TICKETS.name, fact.ticket)
    line.sheet.patch(TICKETS.name, fact.former_ticket)


def participant_joined(line: Line, fact: ParticipantJoined, at: Ms) -> None:
    line.sheet.patch(CONVERSATIONS.name, fact.conversation, **{f"participant:{fact.contact}": fact.how})


def message_received(line: Line, fact: MessageReceived, at: Ms) -> None:
    line.sheet.write(
        MESSAGES.name, fact.message,
        thread=fact.conversation, place=place_of(line, fact.sent_at), at=fact.sent_at, kind="received", author_kind=fact.author_kind, author=fact.contact,
        customer=fact.customer, channel=fact.channel, account=fact.account, assurance=fact.assurance,
        automatic=fact.automatic, thanks=fact.thanks, language=fact.language, attachments=fact.attachments,
        received_at=at,
    )  # fmt: skip
    line.sheet.patch(TICKETS.name, fact.ticket, last_message_at=fact.sent_at)
    if fact.first:
        line.sheet.patch(TICKETS.name, fact.ticket, opening=fact.message, contact=fact.contact)
    if fact.author_kind == "customer" and not fact.automatic:
        line.sheet.patch(TICKETS.name, fact.ticket, last_customer_at=fact.sent_at)
        if not fact.thanks:
            line.sheet.patch(TICKETS.name, fact.ticket, awaiting="agent")


def message_sent(line: Line, fact: MessageSent, at: Ms) -> None:
    line.sheet.write(
        MESSAGES.name, fact.message,
        thread=fact.conversation, place=place_of(line, at), at=at, kind="sent", author_kind=fact.author_kind, author=fact.by,
        channel=fact.channel, automatic="automatic" if fact.automatic else None, survey=fact.survey,
        attachments=fact.attachments, delivery=None,
    )  # fmt: skip
    line.sheet.patch(TICKETS.name, fact.ticket, last_message_at=at)
    if fact.author_kind == "agent" and not fact.automatic:
        line.sheet.patch(TICKETS.name, fact.ticket, last_reply_at=at, awaiting="customer")


def message_noted(line: Line, fact: MessageNoted, at: Ms) -> None:
    line.sheet.write(
        MESSAGES.name,
        fact.message,
        thread=fact.ticket,
        place=place_of(line, at),
        at=at,
        kind="note",
        author_kind="agent",
        author=fact.by,
    )
    line.sheet.patch(TICKETS.name, fact.ticket)


def message_moved(line: Line, fact: MessageMoved, at: Ms) -> None:
    line.sheet.patch(MESSAGES.name, fact.message, thread=fact.conversation)
    line.sheet.patch(TICKETS.name, fact.ticket)
    line.sheet.patch(TICKETS.name, fact.former_ticket)


def delivery_reported(line: Line, fact: DeliveryReported, at: Ms) -> None:
    line.sheet.patch(
        MESSAGES.name, fact.message, delivery=fact.outcome, delivery_permanent=fact.permanent, delivery_code=fact.code
    )
    line.sheet.patch(TICKETS.name, fact.ticket)


def message_set_aside(line: Line, fact: MessageSetAside, at: Ms) -> None:
    fields = fact.model_dump(mode="json", exclude={"message", "words"})
    line.sheet.write(SET_ASIDE.name, fact.message, **fields, at=at, state="set_aside")


def message_restored(line: Line, fact: MessageRestored, at: Ms) -> None:
    line.sheet.patch(SET_ASIDE.name, fact.message, state="restored", restored_at=at)


ROWS: Rows = {
    ConversationOpened: conversation_opened,
    ConversationMoved: conversation_moved,
    ParticipantJoined: participant_joined,
    MessageReceived: message_received,
    MessageSent: message_sent,
    MessageNoted: message_noted,
    MessageMoved: message_moved,
    DeliveryReported: delivery_reported,
    MessageSetAside: message_set_aside,
    MessageRestored: message_restored,
}
