"""Small repairs of raw bytes, so that the standard parser meets what the sender meant. Linear; contents untouched."""

import re
from dataclasses import dataclass

from services.ingest.channels.email.limits import BOUNDARY, MOST_HEADER_BYTES

_MOST_BOUNDARIES = 20
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_MAILBOX_LINE = re.compile(rb">?From ")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|$)")


@dataclass(frozen=True, slots=True)
class Repaired:
    """Bytes to parse, and lines that stood among the header fields without being any: somebody may have meant them
    to be read, so they are shown above the text."""

    raw: bytes
    stray: bytes = b""


def repair(raw: bytes) -> Repaired:
    """Header fields in their obsolete forms, stray lines, and boundaries the standard parser cannot see."""
    fields, stray, end = _fields(raw)
    return Repaired(_with_plain_boundaries(fields + raw[end:] if stray or fields != raw[:end] else raw), stray)


def _fields(raw: bytes) -> tuple[bytes, bytes, int]:
    """The header block without stray lines and without spaces before colons; the stray lines; where it ended."""
    kept: list[bytes] = []
    stray: list[bytes] = []
    last_kept = True
    at = 0
    while at < len(raw) and at <= MOST_HEADER_BYTES:
        found = _LINE.match(raw, at)
        line = found[0] if found else b""
        if not line.strip(b"\r\n"):
            break
        at += len(line)
        if line[:1] in (b" ", b"\t"):
            (kept if last_kept else stray).append(line if line.strip() else b"")
        elif field := _FIELD.match(line):
            last_kept = True
            kept.append(field[1] + line[field.end() - 1 :])
        elif not _MAILBOX_LINE.match(line) or at != len(line):
            last_kept = False
            stray.append(line)
    return b"".join(kept) or b"\r\n" * bool(stray), b"".join(stray), at


def _with_plain_boundaries(raw: bytes) -> bytes:
    """Every delimiter line alone on its line, none of them ending in spaces, an empty part with its empty line."""
    boundaries = list(dict.fromkeys(one or other for one, other in BOUNDARY.findall(raw, 0)))[:_MOST_BOUNDARIES]
    for number, boundary in enumerate(boundaries):
        if boundary != boundary.rstrip():
            raw = _renamed(raw, boundary, b"=_plain_%d_" % number)
            boundary = b"=_plain_%d_" % number  # noqa: PLW2901 - from here on it is called so
        delimiter = b"--" + boundary
        if delimiter + b" " in raw or delimiter + b"-- " in raw:
            raw = re.sub(rb"(?m)^(" + re.escape(delimiter) + rb"(?:--)?)[ \t]+\S[^\r\n]*", rb"\1", raw)
        for ending in (b"\r\n", b"\n"):
            raw = raw.replace(delimiter + ending + delimiter, delimiter + ending * 2 + delimiter)
    return raw


def _renamed(raw: bytes, boundary: bytes, name: bytes) -> bytes:
    """The standard parser drops spaces at a boundary's end, which then also fits lines that are text."""
    raw = raw.replace(b'"' + boundary + b'"', b'"' + name + b'"')
    return re.sub(rb"(?m)^--" + re.escape(boundary) + rb"(--)?(?=\r?$)", rb"--" + name + rb"\1", raw)
