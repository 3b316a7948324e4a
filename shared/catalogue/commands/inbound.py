"""What arrives: customers' messages, and what became of ours."""

from typing import Literal

from shared.catalogue.commands.command import Command
from shared.catalogue.values import Assurance, Attachment, Contact, Id, Language, Thread
from shared.clock import Ms
from shared.policy.terms import Channel


class ReceiveMessage(Command):
    """A message of any channel, normalised. `sent_at` is the provider's acceptance time, clamped to the last 7 days.

    `words` are the ids of the word conditions (of any policy version) that matched; deciders never read the text.
    """

    TYPE = "sanad.message.receive.v1"
    SUBJECT = ("message", "message")

    message: Id
    channel: Channel
    account: Id
    sent_at: Ms
    sender: Contact
    external_id: str = ""
    references: tuple[str, ...] = ()
    copied: tuple[Contact, ...] = ()
    subject: str = ""
    text: str = ""
    full_text: str | None = None
    text_blob: str | None = None
    html_blob: str | None = None
    raw_blob: str | None = None
    attachments: tuple[Attachment, ...] = ()
    language: Language | None = None
    words: tuple[str, ...] = ()
    policy_version: int = 0
    automatic: str | None = None
    spam: str | None = None
    thanks: bool = False
    opt_out: bool = False
    assurance: Assurance = "none"
    thread: Thread | None = None
    quoted: tuple[Id, ...] = ()
    fields: dict[str, str] = {}


class RestoreMessage(Command):
    """Take a message that was set aside back into the desk, as if it had just been accepted (age kept)."""

    TYPE = "sanad.message.restore.v1"
    SUBJECT = ("message", "message")

    message: Id


class ReportDelivery(Command):
    """What became of something we sent, as its DeliverMessage named it. A late bounce may follow a `delivered`.

    `unreachable`: it failed for good because of the address it went to, which takes no mail. That counts from the rules
    `dead_addresses` on.
    """

    TYPE = "sanad.delivery.report.v1"
    SUBJECT = ("message", "message")

    delivery: Id
    message: Id
    conversation: Id
    outcome: Literal["delivered", "failed", "unknown", "stored"]
    permanent: bool = False
    code: str = ""
    unreachable: bool = False
