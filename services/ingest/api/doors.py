"""The HTTP doors of all channels, out of their table: bytes are bounded and timed here, judged there."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from services.ingest.channel import Door, Refusal
from services.ingest.channel import Request as Asked
from shared.clock import MINUTE, SECOND, Ms
from shared.http import PlainRoute, Problem

PATIENCE: Ms = 2 * MINUTE
"""For one body, however slowly it drips."""
MOST_HELD = 64 << 20
"""Bytes of all bodies being read at once; taking one apart needs about twice as much again."""
ENDPOINT = {
    "name": "endpoint", "in": "path", "required": True, "schema": {"type": "string"},
    "description": "The public key of the channel account.",
}  # fmt: skip


class Room:
    """How much of strangers' bytes this process holds at once."""

    def __init__(self, most: int = MOST_HELD) -> None:
        self._most, self._held = most, 0

    def take(self, size: int) -> None:
        """Raises Refusal when there is no room."""
        if self._held + size > self._most:
            raise Refusal(503, "unavailable", "Too much is being sent to us; try again.", headers={"Retry-After": "5"})
        self._held += size

    def give_back(self, size: int) -> None:
        self._held -= size


def routes(doors: Iterable[Door], room: Room | None = None) -> APIRouter:
    """One route per door and method."""
    router, shared_room = APIRouter(tags=["channels"], route_class=PlainRoute), room or Room()
    for door in doors:
        for method in door.methods:
            more: dict[str, Any] = {"parameters": [ENDPOINT]} if "{endpoint}" in door.path else {}
            router.add_api_route(
                door.path, _enter(door, shared_room), methods=[method], name=f"{door.name}_{method.lower()}",
                operation_id=f"{door.name}_{method.lower()}", summary=door.summary, response_class=Response,
                openapi_extra=more, max_body_size=door.most_bytes,
            )  # fmt: skip
    return router


def _enter(door: Door, room: Room) -> Callable[[Request], Any]:
    async def enter(request: Request) -> Response:
        body = _Body(request, room, door.most_bytes)
        try:
            answer = await door.handle(_asked(request, body))
        except Refusal as refusal:
            raise _problem(refusal) from None
        finally:
            body.let_go()
        return Response(answer.body, answer.status, headers=dict(answer.headers), media_type=answer.media_type)

    return enter


def _asked(request: Request, body: "_Body") -> Asked:
    return Asked(
        method=request.method,
        endpoint=request.path_params.get("endpoint", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        client=request.client.host if request.client else "",
        read=body.read,
        query=dict(request.query_params),
    )


def _problem(refusal: Refusal) -> Problem:
    more: dict[str, Any] = {}
    if refusal.findings:
        more["findings"] = [{"where": ["body", name], "wrong": wrong} for name, wrong in refusal.findings]
    return Problem(refusal.status, refusal.reason, refusal.detail, headers=refusal.headers, **more)


class _Body:
    """Reads one request's body, and remembers how much of the room it holds."""

    def __init__(self, request: Request, room: Room, most: int) -> None:
        self._request, self._room, self._most, self._held = request, room, most, 0

    async def read(self, most: int) -> bytes:
        """All of it, of `most` bytes or as many as the door lets through. Raises Refusal."""
        most = min(most, self._most)
        stated = self._request.headers.get("content-length", "0")
        if stated.isdecimal() and int(stated) > most:
            raise Refusal(413, "too_large", "The request is larger than this form takes.")
        try:
            async with asyncio.timeout(PATIENCE / SECOND):
                return await self._gather(most)
        except TimeoutError:
            raise Refusal(408, "too_slow", "The request did not end.") from None
        except ClientDisconnect:
            raise Refusal(400, "malformed", "The request broke off.") from None

    async def _gather(self, most: int) -> bytes:
        content = bytearray()
        async for piece in self._request.stream():
            if len(content) + len(piece) > most:
                raise Refusal(413, "too_large", "The request is larger than this form takes.")
            self._room.take(len(piece))
            self._held += len(piece)
            content += piece
        return bytes(content)

    def let_go(self) -> None:
        self._room.give_back(self._held)
