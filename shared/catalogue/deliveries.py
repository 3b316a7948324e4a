"""What must go out (topic `sanad.deliveries`)."""

from typing import ClassVar, Literal

from shared.catalogue.values import Attachment, FollowUp, Id, SurveyKind, Value
from shared.policy.terms import Channel, Purpose


class DeliverMessage(Value):
    """Send this to the contact points, in order per conversation. Addresses and the subject line are looked up when sent.

    `answers` is the message this one replies to (subject, threading), or the ticket whose opening by hand gave the subject
    line; `purpose` is what consent is checked for.
    """

    TYPE: ClassVar[str] = "sanad.message.deliver.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("conversation", "conversation")

    delivery: Id
    message: Id
    conversation: Id
    ticket: Id
    number: int
    channel: Channel
    account: Id
    to: Id
    copied: tuple[Id, ...] = ()
    answers: Id | None = None
    kind: Literal["reply", "automatic", "survey"]
    purpose: Purpose = Purpose.SERVICE
    text: str = ""
    language: str | None = None
    attachments: tuple[Attachment, ...] = ()
    follow_up: FollowUp
    survey: Id | None = None
    survey_kind: SurveyKind | None = None
    resolution: int = 0
