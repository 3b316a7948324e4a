"""Which conversation a mail belongs to, proved by a MAC of ours in the reply address or a Message-ID.

A right MAC is a claim only: whether the sender may join is decided in the desk. Tokens are lower-case base32, for
mail servers change the case of addresses; keys are given newest first, and all of them verify.
"""

import base64
import binascii
import hmac
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from services.ingest.channels.email.mail import ParsedMail
from shared.catalogue.values import FollowUp, Thread

LONGEST_LOCAL_PART = 64
_MAC_BYTES = 10
_ID_BYTES = 16
_MARK = "c"
_MOST_TOKENS = 60
"""Tokens looked at in one mail: each costs a MAC per key."""


@dataclass(frozen=True, slots=True)
class OwnMessageId:
    """What a Message-ID of ours says, once its MAC was found right."""

    conversation: str
    delivery: str
    follow_up: FollowUp | None = None


def reply_address(account: str, desk: str, conversation: str, keys: Sequence[bytes]) -> str:
    """The account's address with the conversation's token (`support+c.…@example.com`).

    An account whose name leaves no room (64 characters, RFC 5321) is returned as it is: Message-IDs still thread.
    """
    name, _, domain = account.rpartition("@")
    body = uuid.UUID(conversation).bytes
    token = _encode(body + _mac(keys[0], "reply", desk, body))
    local = f"{name}+{_MARK}.{token}"
    return f"{local}@{domain}" if len(local) <= LONGEST_LOCAL_PART else account


def split_reply_address(address: str) -> tuple[str, str | None]:
    """The account's own address, and the token behind `+c.` if there is one."""
    name, _, domain = address.strip().lower().rpartition("@")
    account, plus, token = name.rpartition(f"+{_MARK}.")
    return (f"{account}@{domain}", token) if plus else (f"{name}@{domain}", None)


def read_reply_token(token: str, desk: str, keys: Sequence[bytes]) -> str | None:
    """The conversation's id, or None for a token that is not ours or another desk's."""
    content = _decode(token)
    if content is None or len(content) != _ID_BYTES + _MAC_BYTES:
        return None
    body, mac = content[:_ID_BYTES], content[_ID_BYTES:]
    return str(uuid.UUID(bytes=body)) if _is_ours(mac, keys, "reply", desk, body) else None


def own_message_id(
    domain: str, desk: str, conversation: str, delivery: str, follow_up: FollowUp | None, keys: Sequence[bytes]
) -> str:
    """The Message-ID of a delivery: the same at every attempt, carrying what a late reply's follow-up inherits."""
    ids = uuid.UUID(conversation).bytes + uuid.UUID(delivery).bytes
    body = ids + (_packed(follow_up) if follow_up else b"")
    mac = _mac(keys[0], "message", desk, body)
    return f"<{_MARK}.{_encode(body + mac)}@{domain}>"


def read_message_id(message_id: str, desk: str, keys: Sequence[bytes]) -> OwnMessageId | None:
    """What a Message-ID of ours stands for, or None for anybody else's, forged or of another desk."""
    local = message_id.strip().strip("<>").rpartition("@")[0].lower()
    if not local.startswith(f"{_MARK}."):
        return None
    content = _decode(local.removeprefix(f"{_MARK}."))
    if content is None or len(content) < 2 * _ID_BYTES + _MAC_BYTES:
        return None
    body, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    if not _is_ours(mac, keys, "message", desk, body):
        return None
    ids = [str(uuid.UUID(bytes=body[at : at + _ID_BYTES])) for at in (0, _ID_BYTES)]
    return OwnMessageId(ids[0], ids[1], _unpacked(body[2 * _ID_BYTES :]))


def find_thread(mail: ParsedMail, recipients: Iterable[str], desk: str, keys: Sequence[bytes]) -> Thread | None:
    """The conversation the mail claims with a right MAC: by a recipient address first, then by what it answers,
    then by its references, the newest first. `recipients` are the envelope's."""
    known = own_messages((*mail.in_reply_to, *reversed(mail.references)), desk, keys)
    addresses = [*recipients, *(one.address for one in (*mail.to, *mail.cc))][:_MOST_TOKENS]
    tokens = dict.fromkeys(token for address in addresses if (token := split_reply_address(address)[1]))
    for token in tokens:
        conversation = read_reply_token(token, desk, keys)
        if conversation is not None:
            inherited = (one.follow_up for one in known if one.conversation == conversation)
            return Thread(conversation=conversation, follow_up=next(inherited, None))
    return Thread(conversation=known[0].conversation, follow_up=known[0].follow_up) if known else None


def own_messages(message_ids: Iterable[str], desk: str, keys: Sequence[bytes]) -> list[OwnMessageId]:
    """Those of the Message-IDs that are ours, in the same order: what a bounce concerns, what a reply answers."""
    found = (read_message_id(one, desk, keys) for one in list(dict.fromkeys(message_ids))[:_MOST_TOKENS])
    return [one for one in found if one is not None]


_INHERITED = ("ticket", "number", "team", "owner", "category", "priority")


def _packed(follow_up: FollowUp) -> bytes:
    """Values in a fixed order; names would make the id half as long again."""
    fields = follow_up.model_dump(mode="json")
    return json.dumps([fields[name] for name in _INHERITED], separators=(",", ":"), ensure_ascii=False).encode()


def _unpacked(content: bytes) -> FollowUp | None:
    """None also for fields of another version: the reply still finds its conversation."""
    try:
        return FollowUp.model_validate(dict(zip(_INHERITED, json.loads(content), strict=True))) if content else None
    except (ValueError, TypeError):
        return None


def _mac(key: bytes, purpose: str, desk: str, body: bytes) -> bytes:
    told = b"\x1f".join([b"sanad.mail", purpose.encode(), desk.encode(), body])
    return hmac.new(key, told, sha256).digest()[:_MAC_BYTES]


def _is_ours(mac: bytes, keys: Sequence[bytes], purpose: str, desk: str, body: bytes) -> bool:
    return any(hmac.compare_digest(mac, _mac(key, purpose, desk, body)) for key in keys)


def _encode(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=").lower()


def _decode(token: str) -> bytes | None:
    try:
        return base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
