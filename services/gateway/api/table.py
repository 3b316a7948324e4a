"""How a row of a route table becomes a route: who asks is found, counted and judged before the endpoint runs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.security import APIKeyCookie, HTTPBearer

from services.gateway.accounts.sessions import COOKIE
from services.gateway.api.asking import Asking, caller_of, identify
from services.gateway.gate import Gate
from services.gateway.limits import READS, WRITES, Rate, TooOften
from shared.catalogue.values import Principal
from shared.clock import SECOND
from shared.http import Problem
from shared.permissions import may

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
DOCUMENTED = (
    Depends(HTTPBearer(auto_error=False, scheme_name="key", description="An API key: sk_…")),
    Depends(APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session")),
)
"""For the schema only: `identify` reads both itself."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path. `act` is its row in the permission table; None: everybody may, and nobody is asked for."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    act: str | None
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """The dependency of a route with an act."""

    gate: Gate
    act: str
    safe: bool

    async def __call__(self, request: Request) -> None:
        """Raises Problem: 401, 403, 429. What is theirs and what is not is judged again in the desk."""
        principal = await identify(self.gate, request, safe=self.safe)
        count(self.gate, caller_of(principal), READS if self.safe else WRITES)
        permit(principal, self.act)
        request.state.asking = Asking(self.gate, principal, request)


def permit(principal: Principal, act: str) -> None:
    """Raises Problem 403 unless they may do this to something that is theirs. Customers have doors of their own."""
    if principal.role == "customer" or not may(principal, act, own=True, team=True):
        raise Problem(403, "forbidden", f"This needs the permission {act}.")


def count(gate: Gate, caller: str, rate: Rate) -> None:
    """One more request of this caller. Raises Problem: 429."""
    try:
        gate.limits.take(caller, rate)
    except TooOften as often:
        wait = str(-(-often.wait // SECOND))
        raise Problem(429, "too_many_requests", headers={"Retry-After": wait}) from None


def judging(gate: Gate) -> Callable[[Request, str], Awaitable[Principal]]:
    """The judge of routes that other services bring."""

    async def judge(request: Request, act: str) -> Principal:
        await Judge(gate, act, request.method in SAFE)(request)
        return current(request).principal

    return judge


def current(request: Request) -> Asking:
    """Who asks, as the route's judge found."""
    asking: Asking = request.state.asking
    return asking


Asked = Annotated[Asking, Depends(current)]


def mount(gate: Gate, routes: Sequence[Route]) -> APIRouter:
    """The routes of a table, standing on this gate."""

    async def enter(request: Request) -> None:
        request.state.gate = gate

    router = APIRouter(dependencies=[Depends(enter)])
    for route in routes:
        judge = [Depends(Judge(gate, route.act, route.method in SAFE)), *DOCUMENTED] if route.act else []
        name = f"{route.method.lower()}_{route.endpoint.__name__}"
        summary = (route.endpoint.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        router.add_api_route(
            route.path, route.endpoint, methods=[route.method], dependencies=judge, operation_id=name,
            **{"summary": summary, **route.more},
        )  # fmt: skip
    return router
