"""Delivery reports: whom they concern, how it ended, and which of our mails (RFC 3464, and what others write)."""

import re
from collections.abc import Sequence
from email.message import Message

from services.ingest.channels.email.automatic import handed_over_by_mail_system
from services.ingest.channels.email.headers import Headers
from services.ingest.channels.email.mail import Action, Bounce
from services.ingest.channels.email.parts import Node, headers_of

_MOST_RECIPIENTS = 50
_READ_AT_MOST = 40_000
_ACTIONS: dict[str, Action] = {
    "failed": "failed",
    "fail": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"(?:^|[\s<(\[:#])([45])[0-5]\d(?=[\s\-:;,>)\]#])")
_MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}")
_MESSAGE_ID = re.compile(r"^[>\s]{0,8}message-id:\s{0,8}(<[^<>\s]{1,990}>)", re.IGNORECASE | re.MULTILINE)
_HEADER_LINE = re.compile(
    r"^(?:from|to|cc|subject|date|received|return-path|message-id|reply-to|sender):", re.IGNORECASE
)
_LATER = re.compile(r"delayed|will (?:be )?retr|still (?:being )?(?:try|retr)|warning|temporar", re.IGNORECASE)
_ORIGINAL = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
)


def read_bounces(nodes: Sequence[Node], headers: Headers, text: str) -> tuple[Bounce, ...]:
    """One entry per recipient the report names, at most 50; recipients we cannot find are not invented."""
    reported = [bounce for node in nodes if node.media_type.endswith("/delivery-status") for bounce in _reported(node)]
    found = reported or _guessed(headers, text)
    return tuple({bounce.recipient: bounce for bounce in found}.values())[:_MOST_RECIPIENTS]


def _reported(node: Node) -> list[Bounce]:
    """Recipient blocks of a message/delivery-status part."""
    payload = node.message.get_payload()
    blocks = [headers_of(block) for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    bounces = []
    for block in blocks:
        recipient = _recipient(block)
        if recipient:
            status = _STATUS.search(block.first("status") or "") or _STATUS.search(block.first("diagnostic-code") or "")
            action = _ACTIONS.get((block.first("action") or "").strip().lower().partition(" ")[0])
            bounces.append(
                Bounce(recipient, action or _action(status[1] if status else ""), status[1] if status else "")
            )
    return bounces


def _recipient(block: Headers) -> str | None:
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        found = _MAILBOX.search((block.first(name) or "").rpartition(";")[2])
        if found:
            return found[0].lower()
    return None


def _action(status: str) -> Action:
    return "failed" if status.startswith("5") else "delayed" if status.startswith("4") else "unknown"


def _guessed(headers: Headers, text: str) -> list[Bounce]:
    """From X-Failed-Recipients, or the addresses in the words above the returned message."""
    words = _above_original(text[:_READ_AT_MOST])
    status = _STATUS.search(words)
    code = status[1] if status else ""
    reply_code = _REPLY_CODE.search(words)
    graded = code[:1] or (reply_code[1] if reply_code else "")
    action: Action = "delayed" if graded == "4" or (not graded and _LATER.search(words)) else "failed"
    named = [address for value in headers.all("x-failed-recipients") for address in _MAILBOX.findall(value)]
    sender = {address.address for name in ("from", "to", "reply-to", "sender") for address in headers.addresses(name)}
    recipients = named or [one for one in _MAILBOX.findall(words) if one.lower() not in sender][:_MOST_RECIPIENTS]
    guessed = not named and not handed_over_by_mail_system(headers)
    return [Bounce(recipient.lower(), action, code, guessed) for recipient in recipients[: len(named) or 1]]


def _above_original(text: str) -> str:
    """The report itself: up to where two header lines of the returned message stand together."""
    lines = text.split("\n")
    for at in range(len(lines) - 1):
        if _HEADER_LINE.match(lines[at].strip()) and _HEADER_LINE.match(lines[at + 1].strip()):
            return "\n".join(lines[:at]) if at > 0 else text
    return text


def read_concerns(nodes: Sequence[Node], headers: Headers, text: str) -> tuple[str, ...]:
    """Message-IDs of the mails a report or automatic answer is about, the surest first."""
    found: list[str] = []
    for node in nodes:
        if node.nested and node.path.count("."):
            found += headers_of(node.message).ids("message-id")
        elif node.media_type in _ORIGINAL and node.leaf:
            found += _MESSAGE_ID.findall(node.content[:_READ_AT_MOST].decode("utf-8", "replace"))
    found += _MESSAGE_ID.findall(text[:_READ_AT_MOST])
    found += [
        *headers.ids("in-reply-to"),
        *headers.ids("x-ms-exchange-parent-message-id"),
        *reversed(headers.ids("references")),
    ]
    return tuple(dict.fromkeys(found))[:_MOST_RECIPIENTS]
