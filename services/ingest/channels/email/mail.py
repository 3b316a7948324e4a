"""A mail as the rest of the house sees it: values only, picklable, nothing unpacked."""

from dataclasses import dataclass, field
from typing import Literal

from services.ingest.channels.email.statuses import is_of_the_address
from shared.clock import Ms

AutomaticKind = Literal["bounce", "feedback", "receipt", "auto_reply", "auto_generated", "list", "bulk", "loop"]
Action = Literal["failed", "delayed", "delivered", "relayed", "expanded", "unknown"]
Refusal = Literal[
    "too large",
    "headers too large",
    "too many parts",
    "too deep",
    "too many addresses",
    "too expensive",
    "not readable",
]


class MailRefused(Exception):
    """The mail will not be parsed; its raw bytes are a dead letter. Holds a reason of ours, never text of the mail."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the address in lower case, the name as shown (may be empty, may lie)."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class File:
    """An attachment. The name is normalised once and harmless as a file name; the content is as sent, decoded."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    content_id: str | None = None
    inline: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One node of the mail's structure: its place ("1.2"), type and decoded length in bytes."""

    path: str
    media_type: str
    size: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says of one recipient. `status` is the enhanced code ("5.1.1") or empty."""

    recipient: str
    action: Action = "unknown"
    status: str = ""
    guessed: bool = False
    """Read from words that anybody may write, in a mail that people may have sent: it proves nothing."""

    @property
    def permanent(self) -> bool:
        """A failure that no later attempt changes."""
        return self.action == "failed" and not self.status.startswith("4")

    @property
    def unreachable(self) -> bool:
        """Whether the address is to be marked dead."""
        return self.permanent and is_of_the_address(self.status)


@dataclass(frozen=True, slots=True)
class Authentication:
    """What our own mail server found out (RFC 8601 results: pass, fail, none …; empty when it said nothing)."""

    dkim: str = ""
    spf: str = ""
    dmarc: str = ""
    aligned: bool = False
    """DMARC passed for the sender's domain, or a passing DKIM signature is of that domain."""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """Everything read from one mail."""

    message_id: str
    """As sent, with angle brackets; without one, `sha256:` and the digest of the raw mail."""
    fingerprint: str
    """Digest of sender, date and body: a forged Message-ID hides no other mail."""
    subject: str
    sender: Address | None
    text: str = field(repr=False)
    """The whole body as plain text."""
    reply: str = field(repr=False)
    """What is new in it: quotes and signatures trimmed; the whole body when nothing would be left."""
    html: str | None = field(default=None, repr=False)
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    return_path: str | None = None
    """The envelope's sender as the header says; "" is the null path, None is unknown."""
    accepted_at: Ms | None = None
    """When our own mail server took it, where it says so; the sender's date is part of the fingerprint and no more."""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    parts: tuple[Part, ...] = ()
    automatic: AutomaticKind | None = None
    bounces: tuple[Bounce, ...] = ()
    concerns: tuple[str, ...] = ()
    """Message-IDs of our mails that a report or automatic answer is about."""
    authentication: Authentication = Authentication()
    defects: tuple[str, ...] = ()
