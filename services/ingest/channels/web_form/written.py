"""What a form says, out of the bytes it was sent as: in the charset of the page it was filled in on, which a browser
writes in without saying so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.arrival import File
from services.ingest.channel import Refusal
from services.ingest.channels.email.charsets import charset_of
from services.ingest.channels.email.filenames import file_name

CHARSET = b"_charset_"
"""A page's hidden field of this name is filled in by the browser."""
_NOT_LATIN = re.compile(rb"[\x80-\xff]{4}|(?<![A-Za-z\x80-\xff])[\xc0-\xff]{2,3}(?![A-Za-z\x80-\xff])")
"""Bytes that make words of their own; of Latin letters é and ü stand between others, as signs do alone."""


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent, in the order it was sent."""

    values: list[tuple[str, str]] = field(repr=False)
    files: list[File] = field(default_factory=list)


@dataclass(slots=True)
class Sent:
    """The same in bytes, with the charset they are said to be in. Of a file: name, media type, content."""

    values: list[tuple[bytes, bytes]] = field(default_factory=list, repr=False)
    files: list[tuple[bytes, str, bytes]] = field(default_factory=list, repr=False)
    charset: bytes = b""


def decode(sent: Sent) -> Body:
    """Everything in one charset. Raises Refusal: 422."""
    pieces = [piece for value in sent.values for piece in value] + [name for name, _, _ in sent.files]
    charset = _charset(pieces, dict(sent.values).get(CHARSET) or sent.charset)
    values = [(name, value) for name, value in sent.values if name != CHARSET]
    return Body(
        [(name.decode(charset, "replace"), value.decode(charset, "replace")) for name, value in values],
        [File(file_name(name.decode(charset, "replace"), kind), kind, content) for name, kind, content in sent.files],
    )


def _charset(pieces: Sequence[bytes], declared: bytes) -> str:
    content = b"\n".join(pieces)
    found = charset_of(content, declared.decode("ascii", "replace")) or charset_of(content)
    if found is not None:
        return found
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if 2 * broken < sum(not sign.isascii() for sign in text):
        # what cut it to a length cut a letter in two
        return "utf-8"
    if not _NOT_LATIN.search(content):
        return "cp1252"
    raise Refusal(422, "charset", "The text is in no charset we know; send UTF-8, or name the charset in Content-Type.")
