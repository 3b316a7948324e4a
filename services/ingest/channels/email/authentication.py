"""What our own mail server found out about a sender (RFC 8601)."""

import re

from services.ingest.channels.email.headers import Headers
from services.ingest.channels.email.mail import Address, Authentication

_METHOD = re.compile(r"^\s*(dkim|spf|dmarc)(?:/1)?\s*=\s*([a-z]{2,12})\b", re.IGNORECASE)
_DOMAIN = re.compile(r"\bheader\.(?:d|i|from)\s*=\s*\"?@?(?:[^\s;@\"]{1,64}@)?([A-Za-z0-9.-]{1,255})", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,500}\)")


def read_authentication(headers: Headers, authserv_id: str | None, senders: tuple[Address, ...]) -> Authentication:
    """Results under our own authserv-id only; per method the topmost counts, for ours are added last.

    Without a configured id nothing is believed. Senders' servers can write this header too: the mail server in
    front of us must remove claims to our id, as RFC 8601 section 5 demands.
    """
    if not authserv_id:
        return Authentication()
    results: dict[str, str] = {}
    aligned = False
    domain = senders[0].domain if len(senders) == 1 else ""
    for value in headers.all("authentication-results"):
        server, _, findings = _COMMENT.sub(" ", value).partition(";")
        if server.split()[:1] != [authserv_id.lower()] and server.lower().split()[:1] != [authserv_id.lower()]:
            continue
        fresh: dict[str, str] = {}
        for finding in findings.split(";"):
            method = _METHOD.match(finding)
            if method is None or method[1].lower() in results:
                continue
            name, result = method[1].lower(), method[2].lower()
            fresh[name] = "pass" if fresh.get(name) == "pass" else result
            aligned = aligned or (result == "pass" and name != "spf" and _is_of(domain, finding))
        results |= fresh
    return Authentication(results.get("dkim", ""), results.get("spf", ""), results.get("dmarc", ""), aligned=aligned)


def _is_of(domain: str, finding: str) -> bool:
    """Whether the finding speaks for the sender's domain, or for a domain above it (relaxed alignment)."""
    found = _DOMAIN.search(finding)
    if not domain or found is None or "." not in found[1]:
        return False
    proven = found[1].lower().rstrip(".")
    return domain == proven or domain.endswith(f".{proven}")
