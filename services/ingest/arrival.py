"""A message as its channel understood it, before the desk's policy has a say."""

from dataclasses import dataclass, field
from typing import Literal

from shared.catalogue.values import Assurance, Thread
from shared.clock import Ms

ContactKind = Literal["email", "phone", "handle", "visitor"]


@dataclass(frozen=True, slots=True)
class Address:
    """Who or whom: an address as written, and the name shown with it."""

    address: str
    name: str = ""
    kind: ContactKind = "email"


@dataclass(frozen=True, slots=True)
class File:
    """A file that came along, its content still in hand."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message for one channel account.

    `sender_id` is what the sender calls it and `content` what a forger cannot repeat: together they name the message.
    `sent_at` is when whoever brought it took it, never what the sender claims; None: now.
    `raw_blob` is already stored. `language` is a hint, used where the text shows none.
    """

    account: str
    sender_id: str
    sender: Address
    text: str = field(repr=False)
    content: str = ""
    sent_at: Ms | None = None
    subject: str = field(default="", repr=False)
    full_text: str | None = field(default=None, repr=False)
    html: str | None = field(default=None, repr=False)
    raw_blob: str | None = None
    files: tuple[File, ...] = ()
    external_id: str = ""
    references: tuple[str, ...] = ()
    copied: tuple[Address, ...] = ()
    language: str | None = None
    automatic: str | None = None
    spam: str | None = None
    assurance: Assurance = "none"
    thread: Thread | None = None
    fields: dict[str, str] = field(default_factory=dict, repr=False)
