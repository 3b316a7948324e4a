"""The HTTP doors of all channels, out of their table: bytes are bounded and timed here, judged there."""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import Response

from services.ingest.channel import Door, Read, Refusal
from services.ingest.channel import Request as Asked
from shared.clock import Ms
from shared.http import PlainRoute, Problem
from shared.http.body import PATIENCE, BoundedBody
from shared.http.caller import subscriber
from shared.room import Room

MOST_HELD = 104 << 20
"""Bytes of all bodies being read at once; taking one apart needs about twice as much again."""
SHARE = MOST_HELD // 4
"""Of one network address: no less than the largest body of any door."""
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
        body = BoundedBody(request, room.holding(subscriber(_client(request))), door.most_bytes, patience)
        try:
            answer = await door.handle(_asked(request, body))
        except Refusal as refusal:
            raise _problem(refusal) from None
        finally:
            body.let_go()
        return Response(answer.body, answer.status, headers=dict(answer.headers), media_type=answer.media_type)

    return enter


def _asked(request: Request, body: BoundedBody) -> Asked:
    return Asked(
        method=request.method,
        endpoint=request.path_params.get("endpoint", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        client=_client(request),
        read=_reading(body),
        query=dict(request.query_params),
    )


def _reading(body: BoundedBody) -> Read:
    async def read(most: int) -> bytes:
        """Raises Refusal."""
        try:
            return await body.read(most)
        except Problem as problem:
            raise Refusal(problem.status, problem.reason, problem.detail, headers=problem.headers) from None

    return read


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _problem(refusal: Refusal) -> Problem:
    more: dict[str, Any] = {}
    if refusal.findings:
        more["findings"] = [{"where": ["body", name], "wrong": wrong} for name, wrong in refusal.findings]
    return Problem(refusal.status, refusal.reason, refusal.detail, headers=refusal.headers, **more)
