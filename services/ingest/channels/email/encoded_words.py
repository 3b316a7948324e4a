"""Encoded words (RFC 2047) and raw 8-bit bytes in header fields, as text."""

import base64
import binascii
import quopri
import re

from services.ingest.channels.email.charsets import decode_bytes

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,1000})\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")


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
