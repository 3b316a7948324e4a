"""Conversations, and messages that were set aside, as rows."""

from dataclasses import dataclass
from itertools import takewhile

from services.router.desk.work import CHANNELS
from shared.catalogue.values import Assurance
from shared.clock import Ms
from shared.policy.terms import Channel
from shared.tables import Shape


@dataclass(slots=True, kw_only=True)
class Conversation:
    """One bounded exchange. `home` is the ticket it began on, `ticket` where a merge has put it.

    `messages` and `sent` run side by side: ids, and when each was sent, below zero for our people's. What the desk wrote
    by itself is not among them: the acknowledgement's id can be made again, invitations are `surveys`. Replies that never
    arrived are `lost`, too.
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
    lost: tuple[str, ...] = ()
    surveys: tuple[str, ...] = ()

    @property
    def unanswered(self) -> tuple[Ms, ...]:
        """Times of the customer's messages after our people's last that arrived."""
        theirs = zip(reversed(self.messages), reversed(self.sent), strict=True)
        since = takewhile(lambda one: one[1] >= 0 or one[0] in self.lost, theirs)
        return tuple(when for _, when in since if when >= 0)

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
