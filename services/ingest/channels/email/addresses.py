"""Whom an address field names, as people and their programs write it; no recursion."""

import re
from collections.abc import Iterator
from itertools import pairwise

from services.ingest.channels.email.encoded_words import decode_words
from services.ingest.channels.email.mail import Address
from shared.ids import one_spelling
from shared.text.folding import visible

_MAILBOX = re.compile(
    r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}|\"[^\"]{1,64}\"@[^\s<>()\[\],;:\"@]{1,255}"
)
_CUT = re.compile(r"<[^<>]*>|[,;]")
_ANGLED = re.compile(r"<[^<>]*(?:>|$)")
_SIGN = re.compile(r"[\"()\\]")


def read_addresses(value: str) -> list[Address]:
    """The mailboxes of an address field, comments and groups understood as far as people use them. Where there are angle
    brackets the last ones count; an address in a name or a comment is nobody's."""
    found = []
    for piece, told, bare in _pieces(value):
        angled = [mark.span() for mark in _ANGLED.finditer(bare)]
        start, end = angled[-1] if angled else (0, 0)
        named = _mailboxes(told[start:end], bare[start:end])[-1:]
        shown = _shown(piece[:start] if named else _comment(piece))
        spelled = [_spelled(written) for written in named or _mailboxes(told, bare)]
        found += [Address(address, shown) for address in spelled if address]
    return found


def _mailboxes(told: str, bare: str) -> list[str]:
    """Those outside of quoted strings; else those with a quoted name before the @."""
    return _MAILBOX.findall(bare) or _MAILBOX.findall(told)


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


def _pieces(value: str) -> Iterator[tuple[str, str, str]]:
    """The value cut at commas and semicolons outside of quoted strings, comments and angle brackets: each piece as it is,
    without its comments, and without its quoted strings too."""
    told, bare = _without_comments(value)
    cuts = [mark.start() for mark in _CUT.finditer(bare) if mark[0] in ",;"]
    for before, end in pairwise((-1, *cuts, len(value))):
        yield value[before + 1 : end], told[before + 1 : end], bare[before + 1 : end]


def _without_comments(value: str) -> tuple[str, str]:
    """The value without its comments, and without its quoted strings too, each as long as it was. What never ends is
    plain text, so that nobody is lost in it."""
    told, bare = list(value), list(value)
    start, depth, quoted, escaped = 0, 0, False, -1
    for found in _SIGN.finditer(value):
        sign, at = found[0], found.start()
        if at == escaped:
            continue
        if sign == "\\":
            escaped = at + 1 if quoted or depth else -1
        elif sign == '"' and not depth:
            if quoted:
                bare[start : at + 1] = " " * (at + 1 - start)
            quoted, start = not quoted, at
        elif sign == "(" and not quoted:
            start = start if depth else at
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
            if not depth:
                told[start : at + 1] = bare[start : at + 1] = " " * (at + 1 - start)
    return "".join(told), "".join(bare)


def _comment(piece: str) -> str:
    opened, closed = piece.find("("), piece.rfind(")")
    return piece[opened + 1 : closed] if 0 <= opened < closed else ""


def _shown(name: str) -> str:
    name = name.rpartition(":")[2] if ":" in name and '"' not in name else name
    plain = decode_words(name.strip().rstrip("<").strip().strip('"').replace('\\"', '"'))
    return visible(plain).strip(" \"'")[:200]
