"""Deterministic ids: the same cause always gets the same id, on every worker, at every replay."""

import hashlib
import hmac
import secrets
import uuid
from collections import deque
from contextlib import suppress

_NAMESPACE = uuid.UUID("6f0c5f0e-7d5b-5d0e-9a55-5a1ad0000001").bytes
_SEPARATOR = "\x1f"
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""The digit that begins with the two bits of RFC 9562 in place of its own."""
FETCHED = 256
_FRESH: deque[bytes] = deque()
"""Random bytes, each for one id. Fetched for many at once: a fetch gives the interpreter lock away, and a busy process
waits milliseconds to have it back."""


def named_id(*parts: str | int) -> str:
    """UUIDv5 (RFC 9562) of the parts; parts may not contain U+001F, so two lists never name the same id."""
    name = _NAMESPACE + _SEPARATOR.join([str(part) for part in parts]).encode()
    text = hashlib.sha1(name, usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def random_id() -> str:
    """A fresh UUIDv4, for doors only: nothing that is replayed may call it."""
    while True:
        try:
            return str(uuid.UUID(bytes=_FRESH.popleft(), version=4))
        except IndexError:
            content = secrets.token_bytes(16 * FETCHED)
            _FRESH.extend(content[at : at + 16] for at in range(0, len(content), 16))


def fact_id(desk: str, topic: str, seq: int) -> str:
    """Id of the `seq`-th record of a desk in a topic."""
    return named_id(desk, topic, seq)


def message_id(desk: str, account: str, sender_id: str, content: str = "") -> str:
    """Id of an inbound message: a retry gets the same one; `content` (mail) keeps a forged id from hiding another."""
    return named_id(desk, account, sender_id, content)


def contact_point_id(secret: bytes, kind: str, address: str) -> str:
    """Id of a normalised address or number; not enumerable without the organisation's secret."""
    digest = hmac.new(secret, f"{kind}{_SEPARATOR}{address}".encode(), hashlib.sha256).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def one_spelling(kind: str, address: str) -> str:
    """An address as every door writes it: mail in lower case with the domain in ASCII (IDNA), the rest as it is."""
    if kind != "email":
        return address
    name, at, domain = address.lower().rpartition("@")
    with suppress(UnicodeError):
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    return f"{name}{at}{domain.rstrip(' .')}"


def ticket_id(command: str) -> str:
    """Id of the ticket a command opens. What it was opened with by hand is a text under this id."""
    return named_id(command, "ticket")


def first_conversation_id(ticket: str) -> str:
    """Id of the conversation that begins with a ticket opened by hand; others begin with a customer's message."""
    return named_id(ticket, "conversation")


def reply_id(command: str) -> str:
    """Id of the public message an `UpdateTicket` or `OpenTicket` command sends."""
    return named_id(command, "reply")


def note_id(command: str) -> str:
    """Id of the internal note an `UpdateTicket` or `OpenTicket` command leaves, or a `CompleteTask` as an assist's result."""
    return named_id(command, "note")


def promise_id(command: str) -> str:
    """Id of the task an `UpdateTicket` command's promise becomes."""
    return named_id(command, "promise")


def invitation_id(command: str) -> str:
    """Id of the message an `InviteToSurvey` command sends."""
    return named_id(command, "invitation")
