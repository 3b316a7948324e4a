"""What happened to messages and conversations."""

from typing import Literal

from shared.catalogue.facts.fact import Fact
from shared.catalogue.values import Assurance, AuthorKind, Id, SurveyKind
from shared.clock import Ms
from shared.policy.terms import Channel


class MessageReceived(Fact):
    """An inbound message is in exactly this conversation. `first` marks the one that opened the ticket."""

    TYPE = "sanad.message.received.v1"
    SUBJECT = ("ticket", "ticket")

    message: Id
    conversation: Id
    ticket: Id
    contact: Id
    customer: Id
    author_kind: AuthorKind
    channel: Channel
    account: Id
    sent_at: Ms
    assurance: Assurance
    automatic: str | None = None
    thanks: bool = False
    language: str | None = None
    attachments: int = 0
    first: bool = False


class MessageSetAside(Fact):
    """An inbound message touches no ticket and no figure, for this reason; it can be restored until `restorable_until`.

    `conversation` is the one its verified thread named, for the day it is restored.
    """

    TYPE = "sanad.message.set_aside.v1"
    SUBJECT = ("message", "message")

    message: Id
    reason: str
    contact: Id
    channel: Channel
    account: Id
    sent_at: Ms
    assurance: Assurance = "none"
    language: str | None = None
    words: tuple[str, ...] = ()
    thanks: bool = False
    conversation: Id | None = None
    attachments: int = 0
    restorable_until: Ms


class MessageRestored(Fact):
    """A message that was set aside is accepted after all; `message.received` follows."""

    TYPE = "sanad.message.restored.v1"
    SUBJECT = ("message", "message")

    message: Id


class MessageSent(Fact):
    """An outbound public message is in the conversation and handed to delivery."""

    TYPE = "sanad.message.sent.v1"
    SUBJECT = ("ticket", "ticket")

    message: Id
    delivery: Id
    conversation: Id
    ticket: Id
    by: Id
    author_kind: AuthorKind
    channel: Channel
    automatic: bool = False
    survey: Id | None = None
    survey_kind: SurveyKind | None = None
    reminder: bool = False
    attachments: int = 0


class MessageNoted(Fact):
    """An internal note is on the ticket; no customer ever sees it."""

    TYPE = "sanad.message.noted.v1"
    SUBJECT = ("ticket", "ticket")

    message: Id
    ticket: Id
    by: Id


class MessageMoved(Fact):
    """A split moved this message to another ticket's conversation."""

    TYPE = "sanad.message.moved.v1"
    SUBJECT = ("ticket", "ticket")

    message: Id
    ticket: Id
    conversation: Id
    former_ticket: Id
    former_conversation: Id


class DeliveryReported(Fact):
    """What became of an outbound message. A permanent failure voids the reply it carried."""

    TYPE = "sanad.delivery.reported.v1"
    SUBJECT = ("ticket", "ticket")

    message: Id
    delivery: Id
    ticket: Id
    outcome: Literal["delivered", "failed", "unknown", "stored"]
    permanent: bool = False
    code: str = ""


class ConversationOpened(Fact):
    """A bounded exchange on one channel account began, on this ticket."""

    TYPE = "sanad.conversation.opened.v1"
    SUBJECT = ("ticket", "ticket")

    conversation: Id
    ticket: Id
    customer: Id
    contact: Id
    channel: Channel
    account: Id
    audience: Literal["customer", "third_party", "internal"] = "customer"


class ConversationMoved(Fact):
    """A merge (or its undoing) moved a conversation to another ticket."""

    TYPE = "sanad.conversation.moved.v1"
    SUBJECT = ("ticket", "ticket")

    conversation: Id
    ticket: Id
    former_ticket: Id


class ParticipantJoined(Fact):
    """A contact point takes part in a conversation: copied by the requester or by an agent."""

    TYPE = "sanad.conversation.participant_joined.v1"
    SUBJECT = ("conversation", "conversation")

    conversation: Id
    contact: Id
    how: str
