"""Raw bytes to a ParsedMail. Runs in a child process (`child`); pure, and safe to call directly in tests."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.channels.email.acceptance import read_acceptance
from services.ingest.channels.email.authentication import read_authentication
from services.ingest.channels.email.automatic import Evidence, classify
from services.ingest.channels.email.body import Body, read_body
from services.ingest.channels.email.bounces import read_bounces, read_concerns
from services.ingest.channels.email.cutouts import cut_out
from services.ingest.channels.email.headers import Headers
from services.ingest.channels.email.limits import check_head, check_structure
from services.ingest.channels.email.mail import Address, AutomaticKind, MailRefused, ParsedMail, Part
from services.ingest.channels.email.parts import Node, headers_of, read_message, walk
from services.ingest.channels.email.repair import repair
from services.ingest.channels.email.trim.reply import trim_reply

LONGEST_SUBJECT = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail is read with: our server's authserv-id, our loop marks, the lists customers reach us through."""

    authserv_id: str | None = None
    loop_marks: frozenset[str] = frozenset()
    own_lists: frozenset[str] = frozenset()


def parse_mail(raw: bytes, reading: Reading = Reading()) -> ParsedMail:
    """Reads one mail. Raises MailRefused, and nothing else whatever the bytes are (MemoryError apart)."""
    try:
        check_head(raw)
        return _parse(raw, reading)
    except RecursionError:
        raise MailRefused("too deep") from None
    except (MailRefused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - hostile bytes: the mail is kept raw, its text stays out of the error
        raise MailRefused("not readable") from None


def _parse(raw: bytes, reading: Reading) -> ParsedMail:
    slim, cutouts = cut_out(raw)
    check_structure(slim)
    repaired = repair(slim)
    root = read_message(repaired.raw)
    nodes = list(walk(root, cutouts))
    headers = headers_of(root)
    body = read_body(nodes, repaired.stray)
    senders = headers.addresses("from")
    automatic = _automatic(nodes, headers, body, senders, reading)
    return ParsedMail(
        message_id=_message_id(headers, raw),
        fingerprint=_fingerprint(headers, body),
        subject=headers.text("subject")[:LONGEST_SUBJECT],
        sender=senders[0] if senders else None,
        text=body.text,
        reply=trim_reply(body.text).text or body.text,
        html=body.html,
        to=headers.addresses("to"),
        cc=headers.addresses("cc"),
        reply_to=headers.addresses("reply-to"),
        return_path=_return_path(headers),
        accepted_at=read_acceptance(headers, reading.authserv_id),
        in_reply_to=headers.ids("in-reply-to"),
        references=headers.ids("references"),
        files=body.files,
        parts=tuple(_part(node) for node in nodes),
        automatic=automatic,
        bounces=read_bounces(nodes, headers, body.text) if automatic == "bounce" else (),
        concerns=read_concerns(nodes, headers, body.text) if automatic else (),
        authentication=read_authentication(headers, reading.authserv_id, senders),
        defects=tuple(sorted({type(defect).__name__ for node in nodes for defect in node.message.defects})),
    )


def _automatic(
    nodes: Sequence[Node], headers: Headers, body: Body, senders: Sequence[Address], reading: Reading
) -> AutomaticKind | None:
    evidence = Evidence(
        headers,
        tuple(node.media_type for node in nodes if not node.nested),
        (nodes[0].parameter("report-type") or "").lower(),
        senders[0] if senders else None,
        headers.text("subject"),
        body.text,
    )
    return classify(evidence, loop_marks=reading.loop_marks, own_lists=reading.own_lists)


def _message_id(headers: Headers, raw: bytes) -> str:
    found = headers.ids("message-id")
    plain = (headers.first("message-id") or "").strip()
    if found:
        return found[0]
    return f"<{plain[:990].replace(' ', '')}>" if plain else f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _fingerprint(headers: Headers, body: Body) -> str:
    """Digest of From, Date and body: what a retry of the same mail shares and a forged id does not."""
    told = "\x1f".join([headers.first("from") or "", headers.first("date") or "", body.text, body.html or ""])
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass"))
    for file in body.files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()


def _return_path(headers: Headers) -> str | None:
    value = headers.first("return-path")
    return None if value is None else value.strip("<> ").lower()


def _part(node: Node) -> Part:
    size = len(node.content) if node.leaf else 0
    return Part(node.path, node.media_type, size, node.filename())
