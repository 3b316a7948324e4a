"""One request: who asks, of which desk. Both come from the credential and from nowhere else."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi.requests import Request

from services.gateway.accounts.sessions import COOKIE
from services.gateway.gate import Gate, NobodyKnown
from services.gateway.reading.desk import DeskReading
from services.gateway.reading.tickets import TicketReading
from shared.catalogue.values import Contact, Principal
from shared.desks import DeskPlace
from shared.http import Problem
from shared.http.caller import subscriber
from shared.ids import contact_point_id

CHALLENGE = {"WWW-Authenticate": "Bearer"}


def caller_of(principal: Principal) -> str:
    """The seat or key, for what is counted by caller."""
    return f"{principal.desk}/{principal.id}"


@dataclass(frozen=True, slots=True)
class Asking:
    """What an endpoint works with."""

    gate: Gate
    principal: Principal
    request: Request

    @property
    def tickets(self) -> TicketReading:
        return self.gate.tickets(self.principal)

    @property
    def desk(self) -> DeskReading:
        return self.gate.desk(self.principal)

    @property
    def caller(self) -> str:
        return caller_of(self.principal)

    def contact(self, kind: str, address: str, name: str = "") -> Contact:
        """The contact point of an address in its one spelling, as every door names it (R6)."""
        secret = self.gate.secrets.contacts_of(self.principal.organisation)
        return Contact.model_validate(
            {"id": contact_point_id(secret, kind, address), "kind": kind, "address": address, "name": name}
        )

    async def place(self) -> DeskPlace:
        return await self.gate.place(self.principal)


async def identify(gate: Gate, request: Request, *, safe: bool) -> Principal:
    """By API key, else by session cookie. Raises Problem: 401, or 403 where a cookie came with another site's request."""
    authorization = request.headers.get("authorization", "")
    try:
        if authorization:
            scheme, _, token = authorization.partition(" ")
            return await gate.by_key(token.strip() if scheme.lower() == "bearer" else "")
        cookie = request.cookies.get(COOKIE, "")
        if cookie and not safe:
            refuse_other_sites(request)
        return await gate.by_cookie(cookie)
    except NobodyKnown:
        raise Problem(401, "unauthenticated", "Send an API key or sign in.", headers=CHALLENGE) from None


def refuse_other_sites(request: Request) -> None:
    """A browser sends the cookie along with whatever a page asks it to: only our own pages may. Raises Problem."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    ours = _host_of(origin) == request.headers.get("host", "")
    if site != "same-origin" and not (site is None and ours):
        raise Problem(403, "other_site", "This request does not come from one of our own pages.")


def _host_of(origin: str) -> str | None:
    """None where there is none, or none that can be read."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def client_address(request: Request) -> str:
    """The network of the caller, as the server sees it: of IPv6 what one subscriber has."""
    return subscriber(request.client.host) if request.client else ""
