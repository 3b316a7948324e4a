"""Whose pages may post a form: the account's list, and our own pages. A browser cannot lie about its page."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from services.ingest.channel import Refusal, Request

METHODS = "GET, HEAD, POST, OPTIONS"


def origin_of(request: Request) -> str:
    """The site the request says it comes from: Origin, else the Referer's; "" where neither says."""
    stated = request.header("origin") or request.header("referer")
    return _origin(stated) if stated and stated != "null" else ""


def is_allowed(request: Request, listed: Iterable[str], public_url: str) -> bool:
    """Whether that site is on the list, or is the very site the request was sent to."""
    origin = origin_of(request)
    if not origin:
        return False
    own = {
        _origin(public_url),
        _origin(f"http://{request.header('host')}"),
        _origin(f"https://{request.header('host')}"),
    }
    return origin in own - {""} or origin in {_origin(site) for site in listed}


def check_origin(request: Request, listed: Iterable[str], public_url: str) -> None:
    """Raises Refusal. A program that is no browser has to name an allowed origin as well."""
    if not is_allowed(request, listed, public_url):
        raise Refusal(403, "origin", "This form may not be posted from there: the account lists the allowed sites.")


def cors(request: Request, listed: Iterable[str], public_url: str) -> Mapping[str, str]:
    """What lets an allowed site's script read the answer; nothing but `Vary` for all others."""
    vary = {"Vary": "Origin, Accept, Accept-Language"}
    if not request.header("origin") or not is_allowed(request, listed, public_url):
        return vary
    return vary | {
        "Access-Control-Allow-Origin": request.header("origin"),
        "Access-Control-Expose-Headers": "Retry-After, X-Request-Id",
    }


def preflight(request: Request, listed: Iterable[str], public_url: str) -> Mapping[str, str]:
    """What a browser asks before it lets a script post. Raises Refusal."""
    check_origin(request, listed, public_url)
    return {
        **cors(request, listed, public_url),
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key",
        "Access-Control-Max-Age": "600",
    }


@lru_cache(maxsize=64)
def _origin(address: str) -> str:
    """Scheme, host and port in one spelling; "" for what is none."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port and port != usual else "")
