"""Conversations, and messages that were set aside, as rows."""

from dataclasses import dataclass

from services.router.desk.work import CHANNELS
from shared.catalogue.values import Assurance
from shared.clock import Ms
from shared.policy.terms import Channel
from shared.tables import Shape


@dataclass(slots=True, kw_only=True)
class Conversation:
    """One bounded exchange. `home` is the ticket it began on, `ticket` where a merge has put it.

    `messages` and `sent` run side by side: ids, and when each was sent, below zero for our people's. What the desk wrote
    by itself is not among them: the acknowledgement's id can be made again, invitations are `surveys`. `unanswered` are the
    times of the customer's messages that still wait for somebody's answer.
    """

    slot: int = -1
    ticket: str
    home: str
    contact: str
    channel: Channel
    account: str
    participants: tuple[str, ...] = ()
    latest: str | None = None
    messages: tuple[str, ...] = ()
    sent: tuple[Ms, ...] = ()
    unanswered: tuple[Ms, ...] = ()
    surveys: tuple[str, ...] = ()

    @property
    def replies(self) -> tuple[str, ...]:
        """Messages of our people."""
        return tuple(message for message, when in zip(self.messages, self.sent, strict=True) if when < 0)


@dataclass(slots=True, kw_only=True)
class SetAside:
    """A message that can still be restored until a time, with what its restoration needs."""

    slot: int = -1
    until: Ms
    contact: str
    reason: str
    channel: Channel
    account: str
    sent_at: Ms
    assurance: Assurance
    language: str | None
    words: tuple[str, ...]
    thanks: bool
    conversation: str | None
    attachments: int


CONVERSATION = Shape(Conversation, {"channel": CHANNELS.__getitem__})
SET_ASIDE = Shape(SetAside, {"channel": CHANNELS.__getitem__})
