"""Bytes at the HTTP door, whatever channel they are for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from services.ingest.api.doors import SHARE, routes
from services.ingest.channel import Answer, Door, Refusal, Request
from services.ingest.channels.web_form.bodies import MOST_BYTES
from shared.clock import Ms
from shared.http import build_app
from shared.http.body import PATIENCE, PORTION
from shared.room import Room

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


def client(
    echo: Echo, room: Room | None = None, *, patience: Ms = PATIENCE, most: int = 1_000, address: str = "192.0.2.1"
) -> AsyncClient:
    door = Door("echo", "/in/echo/{endpoint}", ("POST",), echo.handle, "An echo", most)
    app = build_app([routes([door], room, patience)], _fail)
    return AsyncClient(transport=ASGITransport(app, client=(address, 1)), base_url="http://desk.example")


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
    second = await post(client(echo, room, address="192.0.2.2"), b"x" * 100)
    assert second.status_code == 503
    assert second.headers["retry-after"]
    echo.go_on.set()
    assert (await first).status_code == 200
    assert (await post(asked, b"x" * 100)).status_code == 200


async def test_one_network_holds_its_share_and_leaves_the_rest_to_others() -> None:
    echo, room = Echo(), Room(400, share=100)
    echo.go_on.clear()
    greedy, other = (client(echo, room, address=f"2001:db8:0:{net}::1") for net in (1, 2))
    neighbour = client(echo, room, address="2001:db8:0:1:ffff::2")
    held = asyncio.create_task(post(greedy, b"x" * 90))
    while not echo.seen:  # noqa: ASYNC110 - the first request has to be inside
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    for one in (greedy, neighbour):
        refused = await post(one, b"x" * 20)
        assert (refused.status_code, refused.json()["reason"]) == (429, "too_many_requests")
        assert refused.headers["retry-after"]
    echo.go_on.set()
    assert (await post(other, b"x" * 90)).status_code == 200
    assert (await held).status_code == 200
    assert (await post(greedy, b"x" * 20)).status_code == 200


def test_a_share_is_enough_for_the_largest_form() -> None:
    assert SHARE >= MOST_BYTES


async def stall(pieces: int, size: int, pause: float) -> AsyncIterator[bytes]:
    for _ in range(pieces):
        yield b"x" * size
        await asyncio.sleep(pause)


@pytest.mark.parametrize(("pieces", "size", "pause"), [(2, 10, 10), (1_000, 1, 0.01), (1_000, PORTION // 20, 0.02)])
async def test_who_stalls_or_drips_does_not_hold_what_was_sent(pieces: int, size: int, pause: float) -> None:
    room = Room(10 * PORTION)
    asked = client(Echo(10 * PORTION), room, patience=100, most=10 * PORTION)
    answer = await asyncio.wait_for(post(asked, stall(pieces, size, pause)), 5)
    assert (answer.status_code, answer.json()["reason"]) == (408, "too_slow")
    room.holding("somebody").take(10 * PORTION)


async def test_who_is_slow_but_goes_on_gets_to_the_end() -> None:
    asked = client(Echo(10 * PORTION), patience=200, most=10 * PORTION)
    answer = await post(asked, stall(8, PORTION, 0.05))
    assert answer.text == str(8 * PORTION)


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
