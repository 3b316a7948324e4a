"""When our own mail server took a mail (RFC 5321 section 4.4): what the sender says of the time counts for nothing."""

import re

from services.ingest.channels.email.headers import Headers, read_date
from shared.clock import Ms

_COMMENT = re.compile(r"\([^()]*\)")
_DEEPEST = 3
_BY = re.compile(r"(?:^|\s)by\s+([^\s;]+)", re.IGNORECASE)


def read_acceptance(headers: Headers, own_host: str | None) -> Ms | None:
    """The date of the topmost Received by that host. None without one: a server in front of us that adds none would let
    senders write their own, so the caller takes the time of arrival where the host is not set."""
    if not own_host:
        return None
    for value in headers.all("received"):
        plain = value
        for _ in range(_DEEPEST):
            plain = _COMMENT.sub(" ", plain)
        by = _BY.search(plain)
        if by is not None and by[1].rstrip(".").lower() == own_host.rstrip(".").lower():
            return read_date(plain.rpartition(";")[2].strip())
    return None
