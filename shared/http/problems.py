"""Refusals as RFC 9457 problem details. None ever repeats what was sent: it may be a customer's text."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
TITLES: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be read"),
    401: ("unauthenticated", "Who are you?"),
    403: ("forbidden", "Not permitted"),
    404: ("not_found", "There is no such thing here"),
    405: ("method_not_allowed", "This cannot be done here"),
    406: ("not_acceptable", "No such representation"),
    409: ("conflict", "The desk is in another state"),
    410: ("gone", "This no longer exists"),
    412: ("changed_meanwhile", "It has changed meanwhile"),
    413: ("too_large", "The request is too large"),
    415: ("unsupported_media_type", "This kind of content is not understood"),
    422: ("invalid", "The request does not fit"),
    429: ("too_many_requests", "You ask too often"),
    500: ("internal", "We failed"),
    503: ("unavailable", "We cannot answer now"),
}
PLACES = frozenset({"body", "query", "path", "header", "cookie"})
MOST_FINDINGS = 50


class Problem(Exception):
    """A refusal. `reason` is stable and made for programs, `detail` for people; `more` are further members."""

    def __init__(
        self,
        status: int,
        reason: str = "",
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        usual, title = TITLES.get(status, ("refused", "Refused"))
        super().__init__(reason or usual)
        self.status, self.reason, self.title, self.detail = status, reason or usual, title, detail
        self.headers, self.more = dict(headers or {}), more


class ProblemAnswer(BaseModel):
    """The body of every refusal (RFC 9457)."""

    type: str = Field(description="urn:sanad:problem:<reason>")
    title: str
    status: int
    reason: str = Field(description="Stable name of the refusal, for programs.")
    detail: str = ""
    request: str = Field("", description="Id of the request, as in the header X-Request-Id.")


def answer_problem(problem: Problem, request_id: str = "") -> Response:
    """The response that carries a problem."""
    body = {
        "type": f"urn:sanad:problem:{problem.reason}", "title": problem.title, "status": problem.status,
        "reason": problem.reason, "detail": problem.detail, "request": request_id, **problem.more,
    }  # fmt: skip
    return Response(orjson.dumps(body), problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def locate(errors: Iterable[Mapping[str, Any]], known: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Where a request does not fit and why. Names the sender made up are left out of the place."""
    for error in errors:
        place = [step if isinstance(step, int) or step in known else "…" for step in error["loc"]]
        yield {"where": place, "wrong": error["type"]}


def known_names(document: Any) -> Iterator[str]:
    """Every property and parameter name of an OpenAPI document."""
    if isinstance(document, dict):
        yield from document.get("properties", {})
        if isinstance(name := document.get("name"), str) and "in" in document:
            yield name
        for part in document.values():
            yield from known_names(part)
    elif isinstance(document, list):
        for part in document:
            yield from known_names(part)


def add_problem_handlers(
    app: FastAPI, table: Mapping[type[Exception], Problem | Callable[[Exception], Problem]]
) -> None:
    """Problems, FastAPI's own errors, and the exceptions of `table` become problem details."""
    names = set(PLACES)

    async def refuse(request: Request, fault: Exception) -> Response:
        if isinstance(fault, RequestValidationError):
            if names == PLACES:
                names.update(known_names(app.openapi()))
            problem = _misfit(fault, frozenset(names))
        elif isinstance(fault, HTTPException):
            problem = Problem(fault.status_code, headers=fault.headers)
        elif isinstance(fault, Problem):
            problem = fault
        else:
            known = next((known for kind, known in table.items() if isinstance(fault, kind)), Problem(500))
            problem = known if isinstance(known, Problem) else known(fault)
        return answer_problem(problem, str(request.scope.get("sanad.request", "")))

    for kind in (Problem, HTTPException, RequestValidationError, *table, Exception):
        app.add_exception_handler(kind, refuse)


def _misfit(fault: RequestValidationError, names: frozenset[str]) -> Problem:
    errors = fault.errors()
    if any(error["type"] == "json_invalid" for error in errors):
        return Problem(400, "malformed", "The body is not JSON.")
    found = list(locate(errors[:MOST_FINDINGS], names))
    return Problem(422, "invalid", "Some values do not fit; see `findings`.", findings=found)
