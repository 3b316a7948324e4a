"""The body of a mail as plain text, from whichever form the sender gave, and its files."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.channels.email.charsets import decode_bytes
from services.ingest.channels.email.filenames import file_name
from services.ingest.channels.email.mail import File
from services.ingest.channels.email.parts import Node, headers_of

LONGEST_HTML = 512 * 1024
"""Characters of HTML turned into text; the raw mail has the rest."""
MOST_TAGS = 20_000
"""Beyond that the converter is too slow for a door: tags are dropped instead."""

_TAG = re.compile(r"<[^<>]{0,2000}>")
_SILENT = ("script", "style", "head", "title")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h\d)\b[^<>]{0,200}>", re.IGNORECASE)
_MANY_EMPTY = re.compile(r"\n{4,}")
_BODY_TYPES = ("text/plain", "text/html")


@dataclass(frozen=True, slots=True)
class Body:
    """Plain text, the HTML as sent (if any), and everything else as files."""

    text: str
    html: str | None
    files: tuple[File, ...]


def read_body(nodes: Sequence[Node], stray: bytes = b"") -> Body:
    """Pieces in their order, below what strayed into the header; of the forms of a multipart/alternative the plain
    one, if it says anything."""
    own = [node for node in nodes if not node.nested]
    shown = [node for node in own if node.leaf and _is_shown(node)]
    plain = {node.path: _text(node) for node in shown if node.media_type == "text/plain"}
    rich = {node.path: _text(node) for node in shown if node.media_type == "text/html"}
    said = {node.choice for node in shown if node.choice and plain.get(node.path, "").strip()}
    pieces = []
    for node in shown:
        if node.path in plain:
            pieces.append(plain[node.path])
        elif node.choice not in said:
            pieces.append(text_of_html(rich[node.path]))
    pieces = pieces if any(piece.strip() for piece in pieces) else [_undivided(node) for node in own]
    pieces = [_plain_ends(decode_bytes(stray)), *pieces]
    text = "\n\n".join([piece for piece in pieces if piece.strip()])
    files = tuple(_file(node) for node in own if _is_file(node, plain, rich))
    return Body(text, "\n".join(rich.values()) or None, files)


def _is_shown(node: Node) -> bool:
    if node.media_type not in _BODY_TYPES or node.disposition == "attachment":
        return False
    return not (node.filename() and node.disposition != "inline")


def _is_file(node: Node, *shown: dict[str, str]) -> bool:
    """Everything that is neither shown nor a mere container; a forwarded message is one file."""
    if any(node.path in pieces for pieces in shown):
        return False
    return node.leaf or node.media_type in {"message/rfc822", "message/global"}


def _text(node: Node) -> str:
    content = node.content
    charset = node.parameter("charset") or (_meta_charset(content) if node.media_type == "text/html" else None)
    return _plain_ends(decode_bytes(content, charset))


def _undivided(node: Node) -> str:
    """The text of a multipart whose boundary never came: better shown with its markup than not at all."""
    if node.leaf:
        return ""
    return _plain_ends(decode_bytes(node.undecoded()))


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


_META = re.compile(rb"<meta[^<>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)


def _meta_charset(content: bytes) -> str | None:
    found = _META.search(content[:4_096])
    return found[1].decode("ascii") if found else None


def _file(node: Node) -> File:
    fields = headers_of(node.message)
    content_id = fields.text("content-id").strip("<>")[:500] or None
    return File(
        file_name(node.filename() or _described(node), node.media_type),
        node.media_type,
        node.content,
        content_id,
        inline=node.disposition == "inline" or (content_id is not None and node.disposition != "attachment"),
        path=node.path,
    )


def _described(node: Node) -> str | None:
    """A forwarded message is named by its subject line."""
    inner = [] if node.leaf else node.inner[0]
    subject = headers_of(inner[0]).text("subject") if inner else ""
    return f"{subject[:60]}.eml" if subject else None


def text_of_html(source: str) -> str:
    """HTML as people read it. Falls back to dropping tags where the converter breaks."""
    source = source[:LONGEST_HTML]
    try:
        text = _converted(source) if source.count("<") <= MOST_TAGS else None
    except Exception:  # noqa: BLE001 - hostile HTML may break lxml or the converter (depth, encodings, markup)
        text = None
    if text is None:
        text = html.unescape(_TAG.sub("", _BREAK.sub("\n", _without_silent(source))))
    lines = [line.rstrip() for line in text.replace("\u00a0", " ").split("\n")]
    return _MANY_EMPTY.sub("\n\n\n", "\n".join(lines)).strip("\n")


def _converted(source: str) -> str:
    from inscriptis import get_text

    text: str = get_text(source)
    return text


def _without_silent(source: str) -> str:
    """Without the elements nobody reads; one that is never closed swallows the rest, as in a browser."""
    for name in _SILENT:
        lowered = source.lower()
        kept, at = [], 0
        while (start := lowered.find(f"<{name}", at)) >= 0:
            kept.append(source[at:start])
            end = lowered.find(f"</{name}", start)
            at = end if end >= 0 else len(source)
        source = "".join([*kept, source[at:]])
    return source
