"""What our own mail server found out about a sender (RFC 8601)."""

import re

from services.ingest.channels.email.headers import Headers
from services.ingest.channels.email.mail import Address, Authentication

_METHOD = re.compile(r"^\s*(dkim|spf|dmarc)(?:/1)?\s*=\s*([a-z]{2,12})\b", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:^|\s)header\.(?:d|i|from)\s*=\s*(\S+)", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_COMMENT = re.compile(r"\([^()\"\\]*\)")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
_WORD = re.compile(r"[A-Za-z0-9@._+-]*")
_LEFT = re.compile(r"[()\"\\]")
_DEEPEST = 5


def read_authentication(headers: Headers, authserv_id: str | None, senders: tuple[Address, ...]) -> Authentication:
    """Results under our own authserv-id only; per method the topmost counts, for ours are added last; what is below
    one of ours that cannot be told apart from its sender's words counts no more.

    Without a configured id nothing is believed. Senders' servers can write this header too: the mail server in
    front of us must remove claims to our id, as RFC 8601 section 5 demands.
    """
    if not authserv_id:
        return Authentication()
    results: dict[str, str] = {}
    aligned = False
    domain = senders[0].domain if len(senders) == 1 else ""
    for value in headers.all("authentication-results"):
        plain = _without_others_words(value)
        if re.split(r"[\s;(]", (plain or value).strip().lower(), maxsplit=1)[0] != authserv_id.lower():
            continue
        if plain is None:
            break
        fresh: dict[str, str] = {}
        for finding in plain.split(";")[1:]:
            method = _METHOD.match(finding)
            if method is None or method[1].lower() in results:
                continue
            name, result = method[1].lower(), method[2].lower()
            fresh[name] = "pass" if fresh.get(name) == "pass" else result
            aligned = aligned or (result == "pass" and name != "spf" and _is_of(domain, finding))
        results |= fresh
    return Authentication(results.get("dkim", ""), results.get("spf", ""), results.get("dmarc", ""), aligned=aligned)


def _without_others_words(value: str) -> str | None:
    """Without comments and quoted strings, which repeat what senders wrote; only words that can be nothing else stay.
    None where their ends cannot be told: it may be a sender who put them there."""
    for _ in range(_DEEPEST):
        value = _COMMENT.sub(" ", value)
    value = _QUOTED.sub(lambda found: found[1] if _WORD.fullmatch(found[1]) else " ", value)
    return None if _LEFT.search(value) else value


def _is_of(domain: str, finding: str) -> bool:
    """Whether the finding speaks for the sender's domain, or for a domain above it (relaxed alignment)."""
    found = _DOMAIN.search(finding)
    proven = found[1].rpartition("@")[2].lower().rstrip(".") if found else ""
    if not domain or not _NAME.fullmatch(proven):
        return False
    return domain == proven or domain.endswith(f".{proven}")
