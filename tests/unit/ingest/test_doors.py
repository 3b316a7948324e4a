"""Bytes at the HTTP door, whatever channel they are for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from services.ingest.api.doors import Room, routes
from services.ingest.channel import Answer, Door, Refusal, Request
from shared.http import build_app

pytestmark = pytest.mark.anyio


class Echo:
    """A channel that reads all it may and says how much that was."""

    def __init__(self, most: int = 100) -> None:
        self.most = most
        self.seen: list[Request] = []
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def handle(self, request: Request) -> Answer:
        self.seen.append(request)
        body = await request.read(self.most)
        await self.go_on.wait()
        return Answer(200, b"%d" % len(body), "text/plain", {"X-More": "yes"})


def client(echo: Echo, room: Room | None = None) -> AsyncClient:
    door = Door("echo", "/in/echo/{endpoint}", ("POST",), echo.handle, "An echo", 1_000)
    return AsyncClient(
        transport=ASGITransport(build_app([routes([door], room)], _fail)), base_url="http://desk.example"
    )


def _fail(_request: str, fault: BaseException) -> None:
    raise fault


async def post(to: AsyncClient, content: Any = b"x" * 10, **headers: str) -> Any:
    return await to.post("/in/echo/k-1?a=b", content=content, headers=headers)


async def drip(times: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(times):
        yield b"x" * size


async def test_a_channel_sees_a_request_without_its_framework() -> None:
    echo = Echo()
    answer = await post(client(echo), **{"X-Signature": "s"})
    (request,) = echo.seen
    assert (request.method, request.endpoint, request.query) == ("POST", "k-1", {"a": "b"})
    assert request.header("x-signature") == "s"
    assert request.header("x-absent") == ""
    assert (answer.text, answer.headers["x-more"]) == ("10", "yes")


async def test_more_than_a_channel_wants_is_refused_whether_it_was_stated_or_not() -> None:
    for content in (b"x" * 101, drip(11, 10)):
        answer = await post(client(Echo()), content)
        assert (answer.status_code, answer.json()["reason"]) == (413, "too_large")


async def test_a_lie_about_the_length_is_found_out() -> None:
    assert (await post(client(Echo()), drip(30, 10), **{"Content-Length": "10"})).status_code in {400, 413}


async def test_no_channel_can_ask_for_more_than_its_door_lets_through() -> None:
    assert (await post(client(Echo(most=10_000)), drip(11, 100))).status_code == 413


async def test_strangers_together_get_no_more_room_than_there_is() -> None:
    echo, room = Echo(), Room(150)
    echo.go_on.clear()
    asked = client(echo, room)
    first = asyncio.create_task(post(asked, b"x" * 100))
    while not echo.seen:  # noqa: ASYNC110 - the first request has to be inside
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    second = await post(asked, b"x" * 100)
    assert second.status_code == 503
    assert second.headers["retry-after"]
    echo.go_on.set()
    assert (await first).status_code == 200
    assert (await post(asked, b"x" * 100)).status_code == 200


async def test_room_is_given_back_also_by_those_who_are_refused() -> None:
    room = Room(150)
    asked = client(Echo(), room)
    for _ in range(5):
        assert (await post(asked, drip(11, 10))).status_code == 413
    assert (await post(asked, b"x" * 100)).status_code == 200


async def test_a_refusal_is_a_problem_with_its_findings() -> None:
    async def refuse(request: Request) -> Answer:
        raise Refusal(422, "invalid", "No.", findings=(("email", "missing"),), headers={"X-Why": "so"})

    door = Door("no", "/in/no", ("POST",), refuse, "No", 10)
    asked = AsyncClient(transport=ASGITransport(build_app([routes([door])], _fail)), base_url="http://desk.example")
    answer = await asked.post("/in/no")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-why"] == "so"
    assert answer.json()["findings"] == [{"where": ["body", "email"], "wrong": "missing"}]
