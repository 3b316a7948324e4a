"""Whom an address field names, as people and their programs write it; no recursion."""

import re

from services.ingest.channels.email.encoded_words import decode_words
from services.ingest.channels.email.mail import Address
from shared.ids import one_spelling
from shared.text.folding import visible

_MAILBOX = re.compile(
    r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}|\"[^\"]{1,64}\"@[^\s<>()\[\],;:\"@]{1,255}"
)


def read_addresses(value: str) -> list[Address]:
    """The mailboxes of an address field. Comments and groups are understood as far as people use them; no recursion."""
    found = []
    for piece in _split(value):
        mailboxes = _MAILBOX.findall(piece)
        if mailboxes and (address := _spelled(mailboxes[-1])):
            name = piece[: piece.rindex(mailboxes[-1])] if "<" in piece else _comment(piece)
            found.append(Address(address, _shown(name)))
    return found


def _spelled(written: str) -> str | None:
    """The one spelling of an address. None where letters of it are no UTF-8 (RFC 6532), were lost on the way or cannot be
    seen: two people would look like one."""
    try:
        address = written.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return None
    if "\ufffd" in address or visible(address) != address:
        return None
    address = one_spelling("email", address)
    return address if _MAILBOX.fullmatch(address) else None


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
