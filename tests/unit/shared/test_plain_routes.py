"""A plain route answers as any other does, without the framework's layers around it."""

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.requests import Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from shared.broker import BrokerUnavailable
from shared.http import Door, PlainRoute, Problem, build_app
from shared.http.door import HEADERS

pytestmark = pytest.mark.anyio

FAULTS = {
    "problem": Problem(409, "taken", "Somebody has it.", headers={"Retry-After": "7"}),
    "broker": BrokerUnavailable("secret"), "bug": ZeroDivisionError("secret"),
}  # fmt: skip


async def enter(request: Request) -> Response:
    place = request.path_params["place"]
    if place in FAULTS:
        raise FAULTS[place]
    return Response(f"{place} {request.query_params.get('q', '')}".encode() + await request.body(), 202)


async def style(request: Request) -> Response:
    return Response("style", media_type="text/css")


class Seen:
    """An application with plain and usual routes, and what was told of it."""

    def __init__(self) -> None:
        self.reported: list[BaseException] = []
        self.answered: list[tuple[str, str, int]] = []
        self.door = self._build()

    def _build(self) -> Door:
        usual, plain = APIRouter(), APIRouter(route_class=PlainRoute)
        usual.add_api_route("/usual", style)
        plain.add_api_route("/in/style.css", style, methods=["GET"])
        plain.add_api_route("/in/{place}", enter, methods=["POST"])
        return build_app(
            [usual, plain], lambda _request, fault: self.reported.append(fault),
            answered=lambda method, route, status, _took: self.answered.append((method, route, status)),
        )  # fmt: skip

    async def __call__(self, method: str, path: str, content: bytes = b"") -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.door)
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as client:
            return await client.request(method, path, content=content)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    made = Seen()
    passed = made.door.app.__class__.__call__

    async def refuse(app: FastAPI, scope: Scope, receive: Receive, send: Send) -> None:
        assert not (scope["path"].startswith("/in/") and scope["method"] == "POST"), "it went the long way"
        await passed(app, scope, receive, send)

    monkeypatch.setattr(made.door.app.__class__, "__call__", refuse)
    return made


async def test_it_is_given_the_whole_request_past_the_framework(seen: Seen) -> None:
    answer = await seen("POST", "/in/here?q=1", b" body")
    assert (answer.status_code, answer.content) == (202, b"here 1 body")
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert seen.answered == [("POST", "/in/{place}", 202)]


async def test_the_first_that_fits_answers(seen: Seen) -> None:
    assert (await seen("GET", "/in/style.css")).text == "style"


async def test_its_refusals_are_problems(seen: Seen) -> None:
    answer = await seen("POST", "/in/problem")
    assert (answer.status_code, answer.json()["reason"], answer.headers["retry-after"]) == (409, "taken", "7")
    assert answer.json()["request"] == answer.headers["x-request-id"]


async def test_a_store_that_does_not_answer_is_our_fault(seen: Seen) -> None:
    answer = await seen("POST", "/in/broker")
    assert (answer.status_code, answer.json()["reason"]) == (503, "log_unavailable")
    assert "secret" not in answer.text


async def test_a_bug_is_reported_and_told_to_nobody(seen: Seen) -> None:
    answer = await seen("POST", "/in/bug")
    assert (answer.status_code, answer.json()["reason"]) == (500, "internal")
    assert "secret" not in answer.text
    assert [type(fault) for fault in seen.reported] == [ZeroDivisionError]


async def test_what_fits_none_goes_the_usual_way(seen: Seen) -> None:
    assert (await seen("GET", "/usual")).text == "style"
    assert (await seen("GET", "/in/here")).status_code == 405
    assert (await seen("POST", "/nowhere")).status_code == 404


async def test_it_is_in_the_schema(seen: Seen) -> None:
    assert "post" in (await seen("GET", "/v1/openapi.json")).json()["paths"]["/in/{place}"]
