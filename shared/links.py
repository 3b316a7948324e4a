"""Signed links: minted when they are needed, never stored or logged. A purpose's link opens nothing else.

The MAC covers purpose, desk, subject and expiry. Several keys may verify while one is being replaced.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from shared.clock import Ms

LONGEST = 1_024


class LinkRefused(Exception):
    """The token opens nothing. `reason` is `forged` (or damaged) or `expired`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Link:
    """What a verified token stands for: `subject` in `desk`, until `expires_at`."""

    desk: str
    subject: str
    expires_at: Ms


def mint(keys: Sequence[bytes], purpose: str, link: Link) -> str:
    """A token for an address, signed with the newest (first) key; letters, digits, `-`, `_` and one dot."""
    content = json.dumps([link.desk, link.subject, link.expires_at], separators=(",", ":"), ensure_ascii=False)
    return _signer(keys, purpose).sign(base64_encode(content)).decode()


def verify(keys: Sequence[bytes], purpose: str, token: str, at: Ms) -> Link:
    """What the token stands for at `at`; good up to and including its expiry. Raises LinkRefused."""
    if len(token) > LONGEST:
        raise LinkRefused("forged")
    try:
        content = _signer(keys, purpose).unsign(token)
        _one_spelling(token.rpartition(".")[2])
        desk, subject, expires_at = json.loads(base64_decode(content))
    except (BadData, ValueError):
        raise LinkRefused("forged") from None
    if at > expires_at:
        raise LinkRefused("expired")
    return Link(desk, subject, expires_at)


def _one_spelling(signature: str) -> None:
    """Base64 has several spellings of the same bytes: a token that was used would open again under another one."""
    if base64_encode(base64_decode(signature)).decode() != signature:
        raise ValueError


def _signer(keys: Sequence[bytes], purpose: str) -> Signer:
    """The library wants the newest key last; the salt keeps purposes apart."""
    return Signer([*reversed(keys)], salt=f"sanad.{purpose}", key_derivation="hmac", digest_method=sha256)
