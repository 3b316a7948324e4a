"""What one document of a projection looks like from outside. Sets are stored a field per member (see `handlers`)."""

from collections.abc import Iterator
from typing import Any

from shared.documents import Body, Document


def members(body: Body, prefix: str) -> Iterator[tuple[str, Any]]:
    """What is in the set: fields `prefix:<member>` that are still set, sorted."""
    start = f"{prefix}:"
    yield from sorted((name[len(start) :], value) for name, value in body.items() if name.startswith(start) and value)


def shape_ticket(document: Document, prefix: str = "") -> dict[str, Any]:
    """A ticket as in lists. `reference` is its number as people write it."""
    body = document.body
    plain = {name: value for name, value in body.items() if ":" not in name}
    links = [(False, member) for member, _ in members(body, "link")]
    links += [(True, member) for member, _ in members(body, "linked")]
    return {
        **plain,
        "id": document.key,
        "seq": document.seq,
        "reference": f"{prefix}-{body['number']}" if prefix and "number" in body else str(body.get("number", "")),
        "since": body.get("merged_since") or body.get("since"),
        "tags": [tag for tag, _ in members(body, "tag")],
        "merged": [ticket for ticket, _ in members(body, "merged")],
        "links": [_link(member, reverse=reverse) for reverse, member in links],
    }


def _link(member: str, *, reverse: bool) -> dict[str, Any]:
    kind, _, ticket = member.partition(":")
    return {"kind": kind, "ticket": ticket, "reverse": reverse}


def shape(document: Document) -> dict[str, Any]:
    """Any other document: its fields, key and seq."""
    plain = {name: value for name, value in document.body.items() if ":" not in name}
    return {**plain, "id": document.key, "seq": document.seq}


DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)
LONGEST_NUMBER = 15


def parse_number(reference: str) -> int | None:
    """The ticket number in `1024`, `SUP-1024`, `#1024` or `١٠٢٤`; None where there is none."""
    text = reference.strip().strip("\u2066\u2067\u2068\u2069\u200e\u200f").translate(DIGITS)
    digits = text.rpartition("-")[2].lstrip("#") if text.rpartition("-")[0].isascii() else ""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None
