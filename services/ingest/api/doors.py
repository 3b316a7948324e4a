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
from services.ingest.room import Full, Holding, Room
from shared.clock import SECOND, Ms
from shared.http import PlainRoute, Problem
from shared.http.caller import subscriber

PATIENCE: Ms = 15 * SECOND
"""For every `PORTION` of a body: whoever sends less in this time does not get to its end."""
PORTION = 64 << 10
MOST_HELD = 104 << 20
"""Bytes of all bodies being read at once; taking one apart needs about twice as much again."""
SHARE = MOST_HELD // 4
"""Of one network address: no less than the largest body of any door."""
SOON = {"Retry-After": "5"}
ENDPOINT = {
    "name": "endpoint", "in": "path", "required": True, "schema": {"type": "string"},
    "description": "The public key of the channel account.",
}  # fmt: skip


def routes(doors: Iterable[Door], room: Room | None = None, patience: Ms = PATIENCE) -> APIRouter:
    """One route per door and method."""
    router, shared_room = APIRouter(tags=["channels"], route_class=PlainRoute), room or Room(MOST_HELD, SHARE)
    for door in doors:
        for method in door.methods:
            more: dict[str, Any] = {"parameters": [ENDPOINT]} if "{endpoint}" in door.path else {}
            router.add_api_route(
                door.path, _enter(door, shared_room, patience), methods=[method], name=f"{door.name}_{method.lower()}",
                operation_id=f"{door.name}_{method.lower()}", summary=door.summary, response_class=Response,
                openapi_extra=more, max_body_size=door.most_bytes,
            )  # fmt: skip
    return router


def _enter(door: Door, room: Room, patience: Ms) -> Callable[[Request], Any]:
    async def enter(request: Request) -> Response:
        body = _Body(request, room.holding(subscriber(_client(request))), door.most_bytes, patience)
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
        client=_client(request),
        read=body.read,
        query=dict(request.query_params),
    )


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _problem(refusal: Refusal) -> Problem:
    more: dict[str, Any] = {}
    if refusal.findings:
        more["findings"] = [{"where": ["body", name], "wrong": wrong} for name, wrong in refusal.findings]
    return Problem(refusal.status, refusal.reason, refusal.detail, headers=refusal.headers, **more)


class _Body:
    """Reads one request's body, and lets go of the room it holds."""

    def __init__(self, request: Request, holding: Holding, most: int, patience: Ms) -> None:
        self._request, self._holding, self._most = request, holding, most
        self._patience = patience / SECOND
        self.let_go = holding.let_go

    async def read(self, most: int) -> bytes:
        """All of it, of `most` bytes or as many as the door lets through. Raises Refusal."""
        most = min(most, self._most)
        stated = self._request.headers.get("content-length", "0")
        if stated.isdecimal() and int(stated) > most:
            raise Refusal(413, "too_large", "The request is larger than this form takes.")
        try:
            async with asyncio.timeout(self._patience) as patience:
                return await self._gather(most, patience)
        except TimeoutError:
            raise Refusal(408, "too_slow", "The request came too slowly.") from None
        except ClientDisconnect:
            raise Refusal(400, "malformed", "The request broke off.") from None
        except Full as full:
            raise _no_room(full) from None

    async def _gather(self, most: int, patience: asyncio.Timeout) -> bytes:
        content, portion = bytearray(), PORTION
        async for piece in self._request.stream():
            if len(content) + len(piece) > most:
                raise Refusal(413, "too_large", "The request is larger than this form takes.")
            self._holding.take(len(piece))
            content += piece
            if len(content) >= portion:
                portion = len(content) + PORTION
                patience.reschedule(asyncio.get_running_loop().time() + self._patience)
        return bytes(content)


def _no_room(full: Full) -> Refusal:
    """429 is the sender's own doing, 503 is not."""
    if full.own:
        return Refusal(429, "too_many_requests", "You are sending us too much at once; try again.", headers=SOON)
    return Refusal(503, "unavailable", "Too much is being sent to us; try again.", headers=SOON)
