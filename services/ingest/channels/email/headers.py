"""The header fields of a mail as plain text: unfolded, decoded, never trusted, never recursive."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from services.ingest.channels.email.charsets import decode_bytes
from services.ingest.channels.email.mail import Address
from shared.clock import Ms
from shared.text.folding import visible

LONGEST_VALUE = 64 * 1024
_MOST_REFERENCES = 100
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,1000})\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_ID = re.compile(r"<[^<>\s]{1,990}>")
_MAILBOX = re.compile(
    r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}|\"[^\"]{1,64}\"@[^\s<>()\[\],;:\"@]{1,255}"
)


class Headers:
    """Fields in their order, names in lower case, values unfolded but still encoded."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields = [(name.lower(), _FOLD.sub(" ", str(value)[:LONGEST_VALUE]).strip()) for name, value in fields]

    def all(self, name: str) -> list[str]:
        """All values of a field, topmost first."""
        return [value for field, value in self._fields if field == name]

    def first(self, name: str) -> str | None:
        """The topmost value, or None."""
        return next((value for field, value in self._fields if field == name), None)

    def __contains__(self, name: str) -> bool:
        return any(field == name for field, _ in self._fields)

    def text(self, name: str) -> str:
        """The topmost value decoded for people: one line, no control characters, "" when missing."""
        return decode_words(self.first(name) or "")

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Mailboxes of all fields of that name, each address once."""
        found: dict[str, Address] = {}
        for value in self.all(name):
            for address in read_addresses(value):
                found.setdefault(address.address, address)
        return tuple(found.values())

    def ids(self, name: str) -> tuple[str, ...]:
        """Message-IDs with their angle brackets, at most the last 100."""
        found = [one for value in self.all(name) for one in _ID.findall(value)]
        return tuple(dict.fromkeys(found))[-_MOST_REFERENCES:]


def decode_words(value: str) -> str:
    """Encoded words (RFC 2047) and raw 8-bit bytes as text on one line."""
    pieces: list[str] = []
    pending, charset = b"", ""
    at = 0
    value = _BETWEEN.sub(r"\1", value)
    for found in _ENCODED.finditer(value):
        content = _decode_word(found[2], found[3])
        # One letter may be cut between two words of a charset, so their bytes are joined before decoding.
        if found.start() != at or found[1].lower() != charset:
            pieces += [decode_bytes(pending, charset), _from_bytes(value[at : found.start()])]
            pending, charset = b"", found[1].lower().partition("*")[0]
        pending += content
        at = found.end()
    pieces += [decode_bytes(pending, charset), _from_bytes(value[at:])]
    return _CONTROL.sub(" ", "".join(pieces)).strip()


def _decode_word(encoding: str, text: str) -> bytes:
    content = text.encode("ascii", "replace")
    if encoding in "qQ":
        return quopri.decodestring(content, header=True)
    try:
        return base64.b64decode(content + b"=" * (-len(content) % 4))
    except (binascii.Error, ValueError):
        return content


def _from_bytes(text: str) -> str:
    """Text whose 8-bit bytes a parser kept as surrogates, decoded."""
    if text.isascii():
        return text
    return decode_bytes(text.encode("utf-8", "surrogateescape"))


def read_addresses(value: str) -> list[Address]:
    """The mailboxes of an address field. Comments and groups are understood as far as people use them; no recursion."""
    found = []
    for piece in _split(value):
        mailboxes = _MAILBOX.findall(piece)
        if mailboxes:
            name = piece[: piece.rindex(mailboxes[-1])] if "<" in piece else _comment(piece)
            found.append(Address(mailboxes[-1].lower(), _shown(name)))
    return found


def _split(value: str) -> list[str]:
    """Cut at commas and semicolons outside of quotes, comments and angle brackets."""
    pieces, start, quoted, depth, angled = [], 0, False, 0, False
    for at, sign in enumerate(value):
        if sign == '"' and not depth:
            quoted = not quoted
        elif not quoted and sign in "()":
            depth = max(0, depth + (1 if sign == "(" else -1))
        elif not quoted and not depth and sign in "<>":
            angled = sign == "<"
        elif sign in ",;" and not (quoted or depth or angled):
            pieces.append(value[start:at])
            start = at + 1
    # An unclosed quote or comment swallows the rest: cut there plainly instead of losing people.
    rest = value[start:]
    return [*pieces, *(rest.split(",") if quoted or depth or angled else [rest])]


def _comment(piece: str) -> str:
    opened, closed = piece.find("("), piece.rfind(")")
    return piece[opened + 1 : closed] if 0 <= opened < closed else ""


def _shown(name: str) -> str:
    name = name.rpartition(":")[2] if ":" in name and '"' not in name else name
    plain = decode_words(name.strip().rstrip("<").strip().strip('"').replace('\\"', '"'))
    return visible(plain).strip(" \"'")[:200]


def read_date(value: str | None) -> Ms | None:
    """Milliseconds since the epoch, or None for what is no date. A date without a zone is taken as UTC."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value[:100])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
