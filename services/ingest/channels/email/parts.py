"""The tree of a mail's parts, read by the standard parser and walked without trust."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.generator import BytesGenerator
from email.message import Message
from email.parser import BytesParser
from functools import cached_property
from io import BytesIO

from services.ingest.channels.email.cutouts import NOTHING_CUT, Cutouts, cut_out
from services.ingest.channels.email.headers import Headers
from services.ingest.channels.email.limits import MOST_DEPTH, MOST_PARTS
from services.ingest.channels.email.mail import MailRefused

AnyMessage = Message
_ENCODED = ("base64", "quoted-printable")
_AS_WRITTEN = policy.compat32.clone(linesep="\r\n", max_line_length=0)
_TOKEN = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}")


@dataclass(frozen=True)
class Node:
    """One part in its place. `nested` lies inside a forwarded or returned message; `choice` is the path of the
    multipart/alternative it is one form of."""

    path: str
    message: AnyMessage
    nested: bool = False
    choice: str | None = None
    cutouts: Cutouts = NOTHING_CUT

    @property
    def media_type(self) -> str:
        try:
            written = self.message.get_content_type().lower()
        except Exception:  # noqa: BLE001 - a hostile header may break the standard parser anywhere
            return "application/octet-stream"
        return written if _TOKEN.fullmatch(written) else "application/octet-stream"

    @property
    def leaf(self) -> bool:
        """A multipart without parts is an empty container, not a part that holds text."""
        return not self.message.is_multipart() and not self.media_type.startswith("multipart/")

    @property
    def disposition(self) -> str:
        value = headers_of(self.message).first("content-disposition") or ""
        return value.partition(";")[0].strip().lower()

    def parameter(self, name: str) -> str | None:
        """A parameter of Content-Type, or None."""
        try:
            value = self.message.get_param(name)
        except Exception:  # noqa: BLE001 - as above
            return None
        return str(value[2] if isinstance(value, tuple) else value) if value is not None else None

    def filename(self) -> str | None:
        """The name the sender gave, still as sent."""
        try:
            return self.message.get_filename()
        except Exception:  # noqa: BLE001 - as above
            return None

    def written(self) -> str:
        """The body of a leaf undecoded, but for what was cut out; "" where the standard parser trips over a hostile
        charset."""
        try:
            payload = self.message.get_payload()
        except Exception:  # noqa: BLE001 - as above
            return ""
        return payload if isinstance(payload, str) else ""

    def undecoded(self) -> bytes:
        """The body of a leaf as written."""
        return self.cutouts.put_back(self.written().encode("utf-8", "surrogateescape"))

    @cached_property
    def content(self) -> bytes:
        """The decoded bytes of a leaf; a forwarded message as a file of its own."""
        if not self.leaf:
            return self._encoded or self.cutouts.put_back(_as_file(self.message))
        whole = self.cutouts.content(self.written(), _encoding(self.message))
        if whole is not None:
            return whole
        try:
            payload = self.message.get_payload(decode=True)
        except Exception:  # noqa: BLE001 - as above
            payload = None
        return payload if isinstance(payload, bytes) else self.written().encode("utf-8", "surrogateescape")

    @cached_property
    def inner(self) -> tuple[list[AnyMessage], Cutouts]:
        """The parts of a multipart, or the one message inside a message/rfc822; and what was cut out of them. Raises
        MailRefused."""
        if not self._encoded:
            return _parts(self.message), self.cutouts
        slim, cutouts = cut_out(self._encoded)
        return [read_message(slim)], cutouts

    @cached_property
    def _encoded(self) -> bytes:
        """The message inside a message/rfc822 that a mail program encoded although RFC 2046 forbids that, decoded; else
        nothing."""
        encoding, parts = _encoding(self.message), _parts(self.message)
        if encoding not in _ENCODED or self.message.get_content_maintype() != "message" or not parts:
            return b""
        wrapper = Message()
        wrapper["Content-Transfer-Encoding"] = encoding
        wrapper.set_payload(Node("", parts[0]).written())
        content = Node("", wrapper, cutouts=self.cutouts).content
        return content if content.strip() else b""


def _encoding(message: AnyMessage) -> str:
    return (headers_of(message).first("content-transfer-encoding") or "").strip().lower()


def headers_of(message: AnyMessage) -> Headers:
    """The raw fields, without the standard library's header parsing (recursive and slow on hostile fields)."""
    return Headers(message.raw_items())


def read_message(raw: bytes) -> AnyMessage:
    """The tree, by the modern policy, or by the old lenient one where that breaks. Raises MailRefused."""
    for rules in (policy.default, policy.compat32):
        try:
            return BytesParser(policy=rules).parsebytes(raw)
        except RecursionError:
            raise MailRefused("too deep") from None
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112 - whatever breaks the modern policy, the old one is tried
            continue
    raise MailRefused("not readable")


def walk(root: AnyMessage, cutouts: Cutouts = NOTHING_CUT) -> Iterator[Node]:
    """All parts, parents first. Raises MailRefused beyond 200 parts or 10 levels."""
    pending = [(Node("1", root, cutouts=cutouts), 1)]
    count = 0
    while pending:
        node, depth = pending.pop()
        count += 1
        if count > MOST_PARTS:
            raise MailRefused("too many parts")
        if depth > MOST_DEPTH:
            raise MailRefused("too deep")
        yield node
        pending.extend((child, depth + 1) for child in reversed(_children(node)))


def _children(node: Node) -> list[Node]:
    kind = node.media_type
    if kind == "message/delivery-status":
        return []
    inside = kind.startswith("message/")
    choice = node.path if kind == "multipart/alternative" else node.choice
    parts, cutouts = node.inner
    return [
        Node(f"{node.path}.{number}", part, node.nested or inside, None if inside else choice, cutouts)
        for number, part in enumerate(parts, start=1)
    ]


def _parts(message: AnyMessage) -> list[AnyMessage]:
    payload = message.get_payload() if message.is_multipart() else None
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _as_file(message: AnyMessage) -> bytes:
    """The bytes of a forwarded message (or of another tree), fields as they came."""
    parts = _parts(message)
    out = BytesIO()
    try:
        tree = parts[0] if message.get_content_maintype() == "message" and parts else message
        BytesGenerator(out, mangle_from_=False, policy=_AS_WRITTEN).flatten(tree)
    except Exception:  # noqa: BLE001 - a broken inner message is still listed; the raw mail has it whole
        return out.getvalue()
    return out.getvalue()
