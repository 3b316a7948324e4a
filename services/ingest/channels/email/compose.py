"""Our own mail: built by the standard library's EmailMessage only, so nobody's text can become a header."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from services.ingest.channels.email.automatic import LOOP_HEADER
from services.ingest.channels.email.filenames import file_name
from services.ingest.channels.email.html_letter import html_letter, plain_letter
from services.ingest.channels.email.mail import Address
from services.ingest.channels.email.wire import ADDRESS_FIELDS, WIRE
from shared.clock import Ms

_MOST_REFERENCES = 20
_LONGEST_SUBJECT = 250
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_OPENER = "=?"
"""Of an encoded word (RFC 2047). The library decodes such words in plain text that it is given, and before 3.11.10 and
3.12.5 it writes line ends and commas that come out of them as they are."""
_MESSAGE_ID = re.compile(r"<(?:(?!=\?)[!-;=?-~]){3,990}>")
_REPLY = re.compile(r"\s*(?:re|aw|sv|antw|رد)\s*[:：]", re.IGNORECASE)
_PLAIN_TYPE = re.compile(r"(application|audio|font|image|text|video)/([a-z0-9][a-z0-9!#$&^_.+-]*)")


class NotSendable(Exception):
    """The mail can never be sent as it is (an address no server takes). Holds the reason, no address."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along, its content already fetched from the blobs by its digest."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent to one customer (and those copied). `text` is plain; an HTML form is made of it."""

    message_id: str
    sender: Address
    reply_to: str
    to: Address
    subject: str
    text: str = field(repr=False)
    date: Ms
    language: str = "en"
    copied: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: bool = False
    loop_mark: str = ""
    files: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Bytes for the wire with their envelope; the same letter always makes the same bytes.

    `left_out` are those to be copied whose address cannot be written: the mail goes to the others without them.
    """

    message_id: str
    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)
    left_out: tuple[str, ...] = ()


class _DottedMailbox(Mailbox):
    """Of an address with dots where the grammar has none, which some providers give out: such a name is quoted."""

    @property
    def addr_spec(self) -> str:
        return f'"{self.username}"@{self.domain}'


def compose(letter: Letter) -> Outgoing:
    """The mail. Automatic ones have the null sender (RFC 3834), so nothing ever answers them. Raises NotSendable."""
    mail = EmailMessage(policy=WIRE)
    to, (copied, left_out) = _mailbox(letter.to), _copies(letter.copied)
    _address(mail, letter, to, copied)
    mail["Subject"] = one_line(letter.subject)[:_LONGEST_SUBJECT]
    mail["Date"] = datetime.fromtimestamp(letter.date // 1_000, UTC)
    mail["Message-ID"] = letter.message_id
    _thread(mail, letter)
    if letter.automatic:
        mail["Auto-Submitted"] = "auto-replied" if letter.in_reply_to else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail[LOOP_HEADER] = one_line(letter.loop_mark)
    mail["Content-Language"] = one_line(letter.language)
    mail.set_content(plain_letter(letter.text), charset="utf-8")
    mail.add_alternative(html_letter(letter.text, letter.language), subtype="html", charset="utf-8")
    _enclose(mail, letter.files)
    _fix_boundaries(mail, letter.message_id)
    recipients = tuple(dict.fromkeys(one.addr_spec for one in (to, *copied)))
    return Outgoing(letter.message_id, "" if letter.automatic else letter.reply_to, recipients, _write(mail), left_out)


def reply_subject(subject: str) -> str:
    """`Re:` once, whatever the other side's program writes."""
    line = one_line(subject)
    return line if _REPLY.match(line) else f"Re: {line}".strip()


def one_line(text: str) -> str:
    """Text that cannot end a header line, and holds no encoded word that could once it is decoded."""
    return _BREAKS.sub(" ", text).strip().replace(_OPENER, "= ?")


def _write(mail: EmailMessage) -> bytes:
    """The bytes, read once more: they have the fields and addresses that were set and no others. Raises NotSendable."""
    try:
        raw = mail.as_bytes()
    except MessageError:
        raise NotSendable("a field that cannot be written") from None
    written = BytesHeaderParser().parsebytes(raw.partition(b"\r\n\r\n")[0])
    if written.keys() != mail.keys():
        raise NotSendable("a field nobody set")
    for name in ADDRESS_FIELDS & {name.lower() for name in mail}:
        told = [address for _, address in getaddresses(written.get_all(name, []))]
        if told != [one.addr_spec for one in mail[name].addresses]:
            raise NotSendable("an address nobody set")
    return raw


def _address(mail: EmailMessage, letter: Letter, to: Mailbox, copied: Sequence[Mailbox]) -> None:
    mail["From"] = _mailbox(letter.sender)
    mail["To"] = to
    if copied:
        mail["Cc"] = copied
    mail["Reply-To"] = _mailbox(Address(letter.reply_to, letter.sender.name))


def _copies(copied: Sequence[Address]) -> tuple[list[Mailbox], tuple[str, ...]]:
    """Who can be copied, and who cannot: nobody's odd address may keep the customer from the answer."""
    written, left_out = [], []
    for one in copied:
        try:
            written.append(_mailbox(one))
        except NotSendable:
            left_out.append(one.address)
    return written, tuple(left_out)


def _mailbox(address: Address) -> Mailbox:
    """Refuses addresses outside of ASCII (no SMTPUTF8 at the relay is assumed) and anything that is no address."""
    if _OPENER in address.address:
        raise NotSendable("an encoded word in an address")
    name, _, domain = address.address.rpartition("@")
    try:
        host = domain if domain.isascii() else domain.encode("idna").decode()
        if name and not {'"', "\\"} & set(name) and "" in name.split("."):
            Mailbox(addr_spec=f'"{name}"@{host}')
            mailbox: Mailbox = _DottedMailbox(one_line(address.name), name, host)
        else:
            mailbox = Mailbox(one_line(address.name), addr_spec=f"{name}@{host}")
    except Exception:  # noqa: BLE001 - the library parses addresses with many kinds of errors
        raise NotSendable("not an address") from None
    if not name.isascii() or _BREAKS.search(address.address):
        raise NotSendable("an address outside of ASCII")
    return mailbox


def _thread(mail: EmailMessage, letter: Letter) -> None:
    answered = letter.in_reply_to if letter.in_reply_to and _MESSAGE_ID.fullmatch(letter.in_reply_to) else None
    if answered:
        mail["In-Reply-To"] = answered
    known = [one for one in letter.references if _MESSAGE_ID.fullmatch(one)]
    references = list(dict.fromkeys([*known, *([answered] if answered else [])]))
    if references:
        # The first names the thread, the last ones its end (RFC 5322 section 3.6.4 lets the middle go).
        mail["References"] = " ".join([*references[:1], *references[1:][-_MOST_REFERENCES:]])


def _enclose(mail: EmailMessage, files: Sequence[Enclosure]) -> None:
    for file in files:
        fitting = _PLAIN_TYPE.fullmatch(file.media_type.lower())
        kind, subtype = (fitting[1], fitting[2]) if fitting else ("application", "octet-stream")
        mail.add_attachment(
            file.content, maintype=kind, subtype=subtype, filename=file_name(file.name, file.media_type), cte="base64"
        )


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Boundaries from the id instead of chance: a second attempt sends the very same bytes."""
    seed = re.sub(r"[^A-Za-z0-9]", "", message_id)[:32]
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_sanad_{number}_{seed}")
