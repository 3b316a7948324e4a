"""For operators and what restarts processes: /livez, /readyz and /metrics."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from fastapi import APIRouter, Response
from fastapi.requests import Request
from pydantic import BaseModel, Field

from shared.desks import Desks
from shared.http.caller import judge
from shared.http.problems import Problem
from shared.metrics import Metrics

ACT = "metrics.read"


class Health(Protocol):
    """What the engine knows of itself."""

    def stalled(self) -> list[str]:
        """Consumers that stand still although there is something to do."""

    def reasons(self) -> Awaitable[list[str]]:
        """Why no work may be given to this process now."""


class Fine(BaseModel):
    """Nothing is wrong."""

    state: str = Field(description="live or ready")


Guard = Callable[[Request], Awaitable[None]]


def with_permission(desks: Desks) -> Guard:
    """Who has a key with the scope operations:read, in an installation that serves no other organisation."""

    async def guard(request: Request) -> None:
        principal = await judge(request, ACT)
        if any(place.organisation != principal.organisation for place in await desks.all()):
            raise Problem(403, "several_organisations", "Figures of all are told at the operators' door only.")

    return guard


async def for_everybody(_request: Request) -> None:
    """On a port that only operators reach."""


def build_operations(health: Health, metrics: Metrics, guard: Guard) -> APIRouter:
    """The three routes. What /metrics tells is for operators: `guard` judges who asks; the other two tell nothing."""
    router = APIRouter(tags=["operations"])

    @router.get("/livez", operation_id="livez")
    async def livez() -> Fine:
        """Whether the process gets on with its work; 500: restart it."""
        if stalled := health.stalled():
            raise Problem(500, "stalled", "Consumers stand still.", consumers=stalled)
        return Fine(state="live")

    @router.get("/readyz", operation_id="readyz")
    async def readyz() -> Fine:
        """Whether the process may be given work; 503 while it starts, drains, is behind or misses a store."""
        if reasons := await health.reasons():
            raise Problem(503, "not_ready", "See `reasons`.", reasons=reasons)
        return Fine(state="ready")

    @router.get("/metrics", operation_id="metrics", response_class=Response)
    async def show_metrics(request: Request) -> Response:
        """Every figure, in the text format of Prometheus."""
        await guard(request)
        return Response(await metrics.render(), media_type=metrics.content_type)

    return router
