"""Limits on raw bytes, before any parser sees them: linear, and cheap enough for every mail."""

import re
from itertools import islice

from services.ingest.channels.email.mail import MailRefused

MOST_BYTES = 25 * 1024 * 1024
MOST_HEADER_BYTES = 64 * 1024
MOST_PARTS = 200
MOST_DEPTH = 10
MOST_ADDRESSES = 200

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")
BOUNDARY = re.compile(
    rb"boundary\*?0?\*?[ \t]*=[ \t\r\n]*(?:\"([^\"\r\n]{1,8000})\"|([^\s;\"]{1,8000}))", re.IGNORECASE
)
_NESTED = re.compile(
    rb"^content-type[ \t]*:\s{0,9}(?:message/(?:rfc822|global)|multipart/)", re.IGNORECASE | re.MULTILINE
)
_DASHES = re.compile(rb"(?:^|\n|\r)--([^\r\n]{1,8002})")
_ADDRESS_FIELD = re.compile(
    rb"^(?:to|cc|bcc|from|sender|reply-to|resent-to|resent-cc):((?:[^\r\n]*(?:\r\n|\n|\r)?)(?:[ \t][^\r\n]*(?:\r\n|\n|\r)?)*)",
    re.IGNORECASE | re.MULTILINE,
)


def check_size(raw: bytes) -> None:
    """Refuses what is too large to hand to a child process at all. Raises MailRefused."""
    if len(raw) > MOST_BYTES:
        raise MailRefused("too large")


def check_head(raw: bytes) -> None:
    """Raises MailRefused for a mail whose size or head alone would be an attack on the parser."""
    check_size(raw)
    found = _END_OF_HEADERS.search(raw, 0, MOST_HEADER_BYTES + 4)
    if found is None and len(raw) > MOST_HEADER_BYTES:
        raise MailRefused("headers too large")
    _check_addresses(raw[: found.start()] if found else raw)


def _check_addresses(head: bytes) -> None:
    addresses = sum(max(value.count(b"@"), value.count(b",")) for value in _ADDRESS_FIELD.findall(head))
    if addresses > MOST_ADDRESSES:
        raise MailRefused("too many addresses")


def check_structure(slim: bytes) -> None:
    """Counts parts and depth by the boundaries the mail itself declares, as a parser would meet them; of a mail whose
    large bodies are cut out. Raises MailRefused."""
    if sum(1 for _ in islice(_NESTED.finditer(slim), MOST_PARTS + 1)) > MOST_PARTS:
        raise MailRefused("too many parts")
    boundaries = {(one or other).rstrip() for one, other in BOUNDARY.findall(slim)}
    if not boundaries:
        return
    if len(boundaries) > MOST_PARTS:
        raise MailRefused("too many parts")
    open_boundaries: list[bytes] = []
    parts = 0
    for found in _DASHES.finditer(slim):
        line = found[1].rstrip()
        if line in boundaries:
            parts += 1
            _enter(open_boundaries, line)
        elif line.endswith(b"--") and line[:-2] in open_boundaries:
            del open_boundaries[open_boundaries.index(line[:-2]) :]
        if parts > MOST_PARTS:
            raise MailRefused("too many parts")


def _enter(open_boundaries: list[bytes], boundary: bytes) -> None:
    """A boundary met again opens a sibling and closes all below; a new one lies deeper."""
    if boundary in open_boundaries:
        del open_boundaries[open_boundaries.index(boundary) + 1 :]
        return
    open_boundaries.append(boundary)
    if len(open_boundaries) > MOST_DEPTH:
        raise MailRefused("too deep")
