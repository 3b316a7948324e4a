"""One visit to a page: who, in which language, and how pages are answered. Everything that goes wrong is a page too."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.gateway.console.assets import Assets
from services.gateway.console.labels import Labels, isolate, one_line
from services.gateway.gate import Gate
from services.gateway.reading.desk import DeskReading
from services.gateway.reading.tickets import TicketReading
from shared.catalogue.facts import DESK_FACTS, SLA_FACTS, SURVEY_FACTS, CommandSettled, TimeReached
from shared.catalogue.values import Principal
from shared.http import Problem
from shared.i18n import LANGUAGES, preferred
from shared.pages import Pages
from shared.permissions import may

EVENTS = " ".join(
    sorted(fact.TYPE for fact in (*DESK_FACTS, *SLA_FACTS, *SURVEY_FACTS) if fact not in {TimeReached, CommandSettled})
)
"""What pages listen to: everything that can change what they show."""
LANGUAGE_COOKIE = "sanad_language"
A_YEAR = 365 * 24 * 3_600


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page works with. `principal` is there wherever the page's row names an act."""

    gate: Gate
    pages: Pages
    assets: Assets
    request: Request
    language: str
    labels: Labels
    principal: Principal | None = None
    seat: Mapping[str, Any] = field(default_factory=dict)

    @property
    def who(self) -> Principal:
        if self.principal is None:
            raise LookupError("a page without an act asks for its visitor")
        return self.principal

    @property
    def desk(self) -> DeskReading:
        return self.gate.desk(self.who)

    @property
    def tickets(self) -> TicketReading:
        return self.gate.tickets(self.who)

    def asked(self, name: str) -> str:
        """A query parameter, "" where it is not there."""
        return self.request.query_params.get(name, "")[:256]

    def permit(self, act: str | None) -> None:
        """Raises Problem 403 unless the visitor may see a page of this act. Customers have pages of their own."""
        if act is not None and (self.who.role == "customer" or not self.may(act)):
            raise Problem(403)

    def may(self, act: str) -> bool:
        """Whether the visitor may do this to something that is theirs; the desk judges each case again."""
        return self.principal is not None and may(self.principal, act, own=True, team=True)

    def show(self, template: str, code: int = 200, **values: Any) -> HTMLResponse:
        """The page."""
        page = self.pages.render(
            template, self.language,
            visit=self, labels=self.labels, assets=self.assets, now=self.gate.clock.now(), zone=self.labels.zone,
            events=EVENTS, one_line=one_line, isolate=isolate, link=self.link, **values,
        )  # fmt: skip
        return HTMLResponse(page, code)

    def link(self, **changes: str | None) -> str:
        """This page's address with some parameters changed; None takes one away."""
        kept = {name: value for name, value in self.request.query_params.multi_items() if name not in changes}
        query = urlencode({**kept, **{name: value for name, value in changes.items() if value}})
        path = own_path(self.request)
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Page:
    """A row of the console. `act` is its row in the permission table; None: everybody may see it."""

    path: str
    show: Callable[[Visit], Awaitable[Response]]
    act: str | None
    method: str = "GET"


def wished_language(request: Request, seat: Mapping[str, Any] | None = None) -> str:
    """Chosen before, else the seat's, else the browser's."""
    for language in (request.cookies.get(LANGUAGE_COOKIE, ""), (seat or {}).get("language", "")):
        if language in LANGUAGES:
            return str(language)
    return preferred(request.headers.get("accept-language", ""))


def own_path(request: Request) -> str:
    """Of this page, for a link: two slashes in front would make it an address elsewhere."""
    return "/" + request.url.path.lstrip("/\\")


def switch_language(request: Request, *, encrypted: bool) -> Response | None:
    """`?language=ar` is remembered and taken off the address."""
    wished = request.query_params.get("language", "")
    if wished not in LANGUAGES or request.method != "GET":
        return None
    query = urlencode([item for item in request.query_params.multi_items() if item[0] != "language"])
    path = own_path(request)
    response = RedirectResponse(f"{path}?{query}" if query else path, status_code=303)
    response.set_cookie(
        LANGUAGE_COOKIE, wished, max_age=A_YEAR, httponly=True, samesite="lax", secure=encrypted, path="/"
    )
    return response
