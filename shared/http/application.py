"""One application out of the routes of all services of a process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.broker import BrokerUnavailable, RecordTooLarge
from shared.documents import DocumentsUnavailable
from shared.http.caller import Judge
from shared.http.door import Answered, Door, Report
from shared.http.plain import PlainRoutes
from shared.http.problems import MEDIA_TYPE, Problem, ProblemAnswer, add_problem_handlers
from shared.moves import DeskSealed

BODY_BYTES = 1 << 20
"""Of a request, unless its route says otherwise (`max_body_size`)."""
SOON = {"Retry-After": "1"}
LATER = {"Retry-After": "60"}


def _sealed(fault: Exception) -> Problem:
    to = fault.to if isinstance(fault, DeskSealed) else ""
    where = f" It lives at {to} now." if to else ""
    detail = f"This desk is moving, or has moved, to another installation; nothing was taken.{where}"
    return Problem(503, "desk_sealed", detail, headers=LATER)


OUR_FAULTS: Mapping[type[Exception], Problem | Callable[[Exception], Problem]] = {
    DeskSealed: _sealed,
    BrokerUnavailable: Problem(503, "log_unavailable", "The log does not answer; try again.", headers=SOON),
    DocumentsUnavailable: Problem(503, "documents_unavailable", "The store does not answer; try again.", headers=SOON),
    RecordTooLarge: Problem(413, "too_large", "This is more than one record of the log can hold."),
}
REFUSED: dict[str, Any] = {
    "description": "Refused; nothing of the request is repeated.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}},
}
DESCRIPTION = (
    "Every write is a command with exactly one outcome. The answer waits up to two seconds for it (200), else says"
    " where to ask (202). Send `Idempotency-Key` to make a repeat harmless. Refusals are problem details (RFC 9457)"
    " with a stable `reason`. Times are milliseconds since 1970, UTC."
)


class Application(FastAPI):
    """FastAPI with our one shape of refusals in its schema."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault("ProblemAnswer", ProblemAnswer.model_json_schema())
        return document


def build_app(
    routes: Sequence[APIRouter],
    report: Report,
    *,
    version: str = "0.1.0",
    encrypted: bool = False,
    judge: Judge | None = None,
    answered: Answered | None = None,
) -> Door:
    """The application behind its door. `report` hears of failures, `answered` of all answers; `encrypted` says that browsers reach us by HTTPS only.

    `judge` finds who asks, for the routes of all services (`caller`). There are no documentation pages: they load
    scripts from elsewhere. The schema itself is at /v1/openapi.json.
    """
    app = Application(
        title="Sanad", version=version, description=DESCRIPTION, openapi_url="/v1/openapi.json", docs_url=None,
        redoc_url=None, max_body_size=BODY_BYTES, redirect_slashes=False, responses={"4XX": REFUSED, "5XX": REFUSED},
    )  # fmt: skip
    app.state.judge = judge
    for router in routes:
        app.include_router(router)
    add_problem_handlers(app, OUR_FAULTS)
    inside = PlainRoutes(app, [route for router in routes for route in router.routes])
    return Door(app, report, encrypted=encrypted, answered=answered, inside=inside)
