"""Where every visit begins and ends: language, session, permission, and what went wrong told as a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from services.gateway.accounts.sessions import COOKIE
from services.gateway.api.asking import caller_of, identify
from services.gateway.api.table import count
from services.gateway.console.assets import Assets
from services.gateway.console.labels import Labels
from services.gateway.console.visit import Page, Visit, switch_language, wished_language
from services.gateway.gate import Gate
from services.gateway.limits import READS
from services.gateway.store import AGENTS, DESK
from shared.broker import BrokerUnavailable
from shared.catalogue.values import Principal
from shared.documents import DocumentsUnavailable
from shared.http import Problem
from shared.pages import Pages


@dataclass(slots=True)
class Entrance:
    """One for all pages. Remembers each desk's policy until another one is in force."""

    gate: Gate
    pages: Pages
    assets: Assets
    policies: dict[str, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)

    async def enter(self, request: Request, page: Page) -> Response:
        """The page, or the page that says why not."""
        if (switched := switch_language(request, encrypted=self.gate.encrypted)) is not None:
            return switched
        visit = self._visit(request)
        try:
            visit = await self._introduce(request, visit, page)
            visit.permit(page.act)
            return await page.show(visit)
        except Problem as problem:
            if problem.status == 401 and request.method == "GET":  # noqa: PLR2004 - named where it is raised
                return RedirectResponse("/sign-in", status_code=303)
            return self._refuse(visit, problem.status, problem.headers)
        except HTTPException as fault:
            return self._refuse(visit, fault.status_code, {})
        except (BrokerUnavailable, DocumentsUnavailable):
            return self._refuse(visit, 503, {"Retry-After": "5"})
        except Exception as fault:  # noqa: BLE001 - shown as a page, then reported as any other failure
            response = self._refuse(visit, 500, {})
            response.background = BackgroundTask(_report, fault)
            return response

    def _visit(self, request: Request) -> Visit:
        language = wished_language(request)
        return Visit(self.gate, self.pages, self.assets, request, language, Labels(None, language))

    async def _introduce(self, request: Request, visit: Visit, page: Page) -> Visit:
        """Who visits and what their desk calls things. Raises Problem: 401, 429."""
        if page.act is None and COOKIE not in request.cookies:
            return visit
        try:
            principal = await identify(self.gate, request, safe=True)
        except Problem:
            if page.act is None:
                return visit
            raise
        count(self.gate, caller_of(principal), READS)
        seat = await self.gate.documents.of(principal.desk).get(AGENTS.name, principal.id)
        language = wished_language(request, seat.body if seat else None)
        labels = Labels(await self._policy(principal), language)
        name = await self.gate.desk(principal).names([principal.id])
        known = {**(seat.body if seat else {}), "name": name.get(principal.id, "")}
        return Visit(self.gate, self.pages, self.assets, request, language, labels, principal, known)

    async def _policy(self, principal: Principal) -> Mapping[str, Any]:
        """The policy in force; read whole only when it changed."""
        documents = self.gate.documents.of(principal.desk)
        head = await documents.get(DESK.name, "desk")
        if head is None:
            return {}
        known = self.policies.get(principal.desk)
        if known is None or known[0] != head.body["version"]:
            whole = await documents.get(DESK.name, "policy")
            known = self.policies[principal.desk] = (head.body["version"], whole.body["policy"] if whole else {})
        return known[1]

    def _refuse(self, visit: Visit, status: int, headers: Mapping[str, str]) -> Response:
        response = visit.show("refused.html", status, here="", status=status)
        response.headers.update(headers)
        return response


async def _report(fault: Exception) -> NoReturn:
    """After the page is sent: the HTTP door reports what comes through it."""
    raise fault
