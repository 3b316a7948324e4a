"""The HTTP door: every refusal a problem, every answer with its headers, nothing repeated, nothing let out."""

from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, Body
from fastapi.requests import Request
from fastapi.responses import Response
from pydantic import BaseModel

from shared.broker import BrokerUnavailable, RecordTooLarge
from shared.documents import DocumentsUnavailable
from shared.http import Door, Problem, build_app
from shared.http.application import BODY_BYTES
from shared.http.door import HEADERS
from shared.http.problems import TITLES

pytestmark = pytest.mark.anyio

SECRET = "بطاقتي 4111111111111111"


class Note(BaseModel):
    text: Annotated[str, Body(max_length=5)]
    tags: dict[str, int] = {}


async def echo(note: Note) -> dict[str, str]:
    return {"text": note.text}


async def fail(kind: str) -> None:
    faults: dict[str, Exception] = {
        "bug": ZeroDivisionError(SECRET), "broker": BrokerUnavailable(SECRET), "documents": DocumentsUnavailable(SECRET),
        "large": RecordTooLarge(SECRET), "problem": Problem(409, "taken", "Somebody has it.", by="omar"),
    }  # fmt: skip
    raise faults[kind]


async def swallow(request: Request) -> dict[str, int]:
    return {"size": len(await request.body())}


async def own_headers() -> Response:
    return Response("x", headers={"Content-Security-Policy": "sandbox", "Cache-Control": "max-age=1"})


def build(reported: list[tuple[str, BaseException]], *, encrypted: bool = False) -> Door:
    router = APIRouter()
    router.add_api_route("/echo", echo, methods=["POST"])
    router.add_api_route("/fail/{kind}", fail)
    router.add_api_route("/swallow", swallow, methods=["POST"])
    router.add_api_route("/large", swallow, methods=["POST"], max_body_size=2 * BODY_BYTES)
    router.add_api_route("/own", own_headers)
    return build_app([router], lambda request, fault: reported.append((request, fault)), encrypted=encrypted)


class Caller:
    """A client, and what the door reported."""

    def __init__(self, *, encrypted: bool = False) -> None:
        self.reported: list[tuple[str, BaseException]] = []
        self.door = build(self.reported, encrypted=encrypted)

    async def __call__(self, method: str, path: str, **more: Any) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.door)
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as client:
            return await client.request(method, path, **more)


@pytest.fixture
def call() -> Caller:
    return Caller()


def problem(response: httpx2.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    answer: dict[str, Any] = response.json()
    assert (answer["status"], answer["request"]) == (response.status_code, response.headers["x-request-id"])
    return answer


async def test_a_fault_of_ours_shows_nothing_of_the_inside(call: Caller) -> None:
    response = await call("GET", "/fail/bug")
    answer = problem(response)
    assert (response.status_code, answer["reason"], answer["detail"]) == (500, "internal", "")
    assert all(word not in response.text for word in ("Traceback", "ZeroDivision", ".py", "4111"))
    ((request, fault),) = call.reported
    assert (request, type(fault)) == (answer["request"], ZeroDivisionError)


@pytest.mark.parametrize(
    ("kind", "status", "reason", "retry"),
    [
        ("broker", 503, "log_unavailable", "1"),
        ("documents", 503, "documents_unavailable", "1"),
        ("large", 413, "too_large", None),
        ("problem", 409, "taken", None),
    ],
)
async def test_known_faults_have_their_own_problem(
    call: Caller, kind: str, status: int, reason: str, retry: str | None
) -> None:
    response = await call("GET", f"/fail/{kind}")
    assert (response.status_code, problem(response)["reason"]) == (status, reason)
    assert response.headers.get("retry-after") == retry
    assert "4111" not in response.text
    assert call.reported == []


async def test_a_problem_may_say_more(call: Caller) -> None:
    answer = problem(await call("GET", "/fail/problem"))
    assert (answer["by"], answer["detail"], answer["title"]) == ("omar", "Somebody has it.", TITLES[409][1])


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"text": "', 400), (b"", 422), (b"[]", 422), (b"null", 422), (b'{"text": "\xff"}', 400), (b"\x00", 400),
        (b'{"text": 1}', 422), (b'{"text": "\\ud800"}', 422), (b"[" * 100_000, 400), (b"1" * 10_000, 400),
        (('{"text": "' + SECRET + '"}').encode(), 422), (('{"tags": {"' + SECRET + '": "x"}}').encode(), 422),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_and_never_repeated(call: Caller, content: bytes, status: int) -> None:
    response = await call("POST", "/echo", content=content, headers={"Content-Type": "application/json"})
    assert (response.status_code, problem(response)["status"]) == (status, status)
    assert "4111" not in response.text
    assert call.reported == []


async def test_places_are_named_by_our_own_names_only(call: Caller) -> None:
    response = await call("POST", "/echo", json={"text": "ok", "tags": {SECRET: "x"}})
    assert problem(response)["findings"] == [{"where": ["body", "tags", "…"], "wrong": "int_parsing"}]


@pytest.mark.parametrize(("path", "size", "status"), [
    ("/swallow", BODY_BYTES, 200), ("/swallow", BODY_BYTES + 1, 413), ("/large", BODY_BYTES + 1, 200),
    ("/large", 2 * BODY_BYTES + 1, 413), ("/own", BODY_BYTES + 1, 405),
])  # fmt: skip
async def test_a_body_has_its_limit(call: Caller, path: str, size: int, status: int) -> None:
    response = await call("POST", path, content=b"x" * size)
    assert response.status_code in {status, 413} if path == "/own" else response.status_code == status
    if status == 413:
        assert problem(response)["reason"] == "too_large"
        assert response.headers["x-content-type-options"] == "nosniff"
    assert call.reported == []


async def test_a_body_without_a_length_has_its_limit_too(call: Caller) -> None:
    async def endless() -> Any:
        for _ in range(200):
            yield b"x" * 10_000

    assert problem(await call("POST", "/swallow", content=endless()))["reason"] == "too_large"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/echo"), ("GET", "/nowhere"), ("GET", "/docs"), ("GET", "/redoc")]
)
async def test_what_is_not_there_is_a_problem_too(call: Caller, method: str, path: str) -> None:
    assert problem(await call(method, path))["status"] in {404, 405}


async def test_every_answer_carries_the_headers(call: Caller) -> None:
    for path in ("/fail/bug", "/nowhere", "/fail/problem", "/v1/openapi.json"):
        response = await call("GET", path)
        assert {name: response.headers[name] for name in HEADERS} == dict(HEADERS)
        assert "strict-transport-security" not in response.headers
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


async def test_a_route_may_be_stricter_about_itself(call: Caller) -> None:
    response = await call("GET", "/own")
    assert response.headers.get_list("content-security-policy") == ["sandbox"]
    assert response.headers["cache-control"] == "max-age=1"


async def test_an_encrypted_site_says_so() -> None:
    response = await Caller(encrypted=True)("GET", "/own")
    assert response.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-12345", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f", False),
        ("<script>alert</script>", False),
    ],
)
async def test_a_callers_request_id_is_kept_where_it_is_harmless(call: Caller, given: str, kept: bool) -> None:
    response = await call("GET", "/own", headers={"X-Request-Id": given})
    assert (response.headers["x-request-id"] == given) is kept


async def test_the_schema_is_of_31_and_knows_our_refusals(call: Caller) -> None:
    document = (await call("GET", "/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "ProblemAnswer" in document["components"]["schemas"]
    assert set(document["paths"]["/echo"]["post"]["responses"]) == {"200", "4XX", "5XX"}
