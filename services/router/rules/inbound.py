"""An inbound message as the rules see it, whether it has just arrived or is restored."""

from dataclasses import dataclass

from services.router.desk.conversations import SetAside
from shared.catalogue.commands import ReceiveMessage
from shared.catalogue.values import Assurance, FollowUp
from shared.clock import DAY, Ms
from shared.policy.terms import Channel

OLDEST: Ms = 7 * DAY
"""`sent_at` is believed so far back: a provider's outage is the customer's wait, a wrong clock is not."""
CONVERSATIONAL = frozenset(
    {
        Channel.CHAT, Channel.SMS, Channel.WHATSAPP, Channel.MESSENGER, Channel.INSTAGRAM, Channel.TELEGRAM,
        Channel.SIGNAL,
    }
)  # fmt: skip
"""Channels where one person has one continuing exchange with us, so an unthreaded message goes on with it."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What routing looks at. `copied` are the contact points (not our own) that got it too."""

    command: str
    message: str
    contact: str
    address: str
    channel: Channel
    account: str
    sent_at: Ms
    assurance: Assurance
    language: str | None
    words: tuple[str, ...]
    thanks: bool
    conversation: str | None
    attachments: int
    follow_up: FollowUp | None = None
    quoted: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    automatic: str | None = None


def believed(sent_at: Ms, at: Ms) -> Ms:
    """When it was sent: never after the desk got it, never more than a week before."""
    return min(max(sent_at, at - OLDEST), at)


def arrived(command_id: str, command: ReceiveMessage, at: Ms, own_addresses: frozenset[str]) -> Inbound:
    """A message that comes through a door."""
    copied = (contact.id for contact in command.copied if contact.address.casefold() not in own_addresses)
    return Inbound(
        command=command_id, message=command.message, contact=command.sender.id,
        address=command.sender.address.casefold(), channel=command.channel, account=command.account,
        sent_at=believed(command.sent_at, at), assurance=command.assurance, language=command.language,
        words=command.words, thanks=command.thanks,
        conversation=command.thread.conversation if command.thread else None, attachments=len(command.attachments),
        follow_up=command.thread.follow_up if command.thread else None, quoted=command.quoted,
        copied=tuple(dict.fromkeys(copied)), fields=tuple(command.fields), automatic=command.automatic,
    )  # fmt: skip


def taken_back(command_id: str, message: str, row: SetAside) -> Inbound:
    """A message that was set aside, accepted after all.

    Its sender's address and its form fields are not known any more (facts hold none), so rules by address don't apply.
    """
    return Inbound(
        command=command_id, message=message, contact=row.contact, address="", channel=row.channel,
        account=row.account, sent_at=row.sent_at, assurance=row.assurance,
        language=row.language, words=row.words, thanks=row.thanks, conversation=row.conversation,
        attachments=row.attachments,
    )  # fmt: skip
