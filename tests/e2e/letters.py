"""What the desk sends, as it lies in its outbox folder, and what customers answer to it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

WIRE = SMTP.clone(max_line_length=998)
"""Mail programs leave Message-IDs whole; the library would cut ours, which are long, into encoded words."""
LINK = re.compile(r"https?://\S+/s/\S+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of ours. `delivery` is its id."""

    delivery: str
    mail: EmailMessage

    @property
    def sender(self) -> str:
        return parseaddr(str(self.mail["From"]))[1]

    @property
    def to(self) -> str:
        return parseaddr(str(self.mail["To"]))[1]

    @property
    def reply_to(self) -> str:
        return parseaddr(str(self.mail["Reply-To"]))[1]

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"]).strip()

    @property
    def automatic(self) -> bool:
        return "Auto-Submitted" in self.mail

    @property
    def text(self) -> str:
        part = self.mail.get_body(("plain",))
        return str(part.get_content()) if part is not None else ""

    @property
    def link(self) -> str:
        """The survey's link; "" where it asks nothing."""
        found = LINK.search(self.text)
        return found[0] if found else ""


def read_letters(folder: Path) -> list[Letter]:
    """Everything in the folder. A partial file is not there yet."""
    return [Letter(path.stem, _read(path)) for path in sorted(folder.glob("*.eml"))]


def _read(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=SMTP)
    assert isinstance(mail, EmailMessage)
    return mail


def answer(
    letter: Letter, text: str, *, mark: str, sender: str = "", by_id: bool = False, mailbox: str = ""
) -> EmailMessage:
    """What a customer's mail program makes of "Reply". With `by_id` the address lost its token on the way."""
    sender = sender or letter.to
    mail = EmailMessage(policy=WIRE)
    mail["From"] = sender
    mail["To"] = mailbox if by_id else letter.reply_to
    mail["Subject"] = f"Re: {letter.mail['Subject']}"
    mail["Message-ID"] = f"<{mark}@customers.example>"
    mail["Date"] = format_datetime(datetime.now(UTC))
    if by_id:
        mail["In-Reply-To"] = letter.message_id
        mail["References"] = letter.message_id
    mail.set_content(text)
    return mail
