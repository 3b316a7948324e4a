"""The live feed (server-sent events), and the same events by page."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
from fastapi import Header, Query, Response
from fastapi.responses import StreamingResponse
from starlette.types import Send

from services.gateway.api.asking import Asking, identify
from services.gateway.api.table import Asked, Route, permit
from services.gateway.cursor import CursorRefused
from services.gateway.feed import Event, Reading
from shared.broker import BrokerUnavailable
from shared.clock import SECOND, Ms
from shared.documents import DocumentsUnavailable
from shared.fold import Gap
from shared.http import Problem

HEARTBEAT: Ms = 15 * SECOND
SLOWEST: Ms = 30 * SECOND
"""A reader that takes longer for a chunk is closed; its last id resumes."""
MOST_LOOKS = 25
"""At the log, for one page; each reads a chunk of every topic."""
MOST_FEEDS = 1_000
MOST_FEEDS_EACH = 20

Cursor = Annotated[str | None, Query(max_length=1_024, description="Continue after this cursor; without one, now.")]
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=1_024)]
Types = Annotated[tuple[str, ...], Query(max_length=100, description="Only these event types.")]


class LiveResponse(StreamingResponse):
    """Ends a stream whose reader does not read."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Any) -> None:
            await asyncio.wait_for(send(message), SLOWEST / SECOND)

        try:
            await super().stream_response(send_in_time)
        except TimeoutError:
            return


async def feed(
    asking: Asked,
    after: Cursor = None,
    last: LastEvent = None,
    type: Types = (),  # noqa: A002 - as CloudEvents calls it
) -> Response:
    """The desk's events as they happen: structured CloudEvents, resumed without gap or repeat after `Last-Event-ID`.

    Order holds within a topic. Nothing is shown before the documents reflect it. Comments keep the line open.
    """
    reading = await _start(asking, last or after, beginning=False)
    gates = asking.gate.open_feeds
    key = asking.caller
    if sum(gates.values()) >= MOST_FEEDS:
        raise Problem(503, "too_many_feeds", "Too many live feeds are open here.", headers={"Retry-After": "5"})
    if gates[key] >= MOST_FEEDS_EACH:
        raise Problem(429, "too_many_feeds", "You have too many live feeds open.", headers={"Retry-After": "5"})
    return LiveResponse(_stream(asking, reading, frozenset(type), key), headers={"X-Accel-Buffering": "no"})


async def _stream(asking: Asking, reading: Reading, types: frozenset[str], key: str) -> AsyncIterator[bytes]:
    now = asking.gate.clock.monotonic
    known_at = now()
    asking.gate.open_feeds[key] += 1
    try:
        yield f"retry: 1000\nid: {reading.cursor}\n\n".encode()
        async for events in reading.follow(HEARTBEAT, types):
            if now() - known_at >= HEARTBEAT:
                # a key may be revoked, a seat may end: however busy the desk, neither is heard of a heartbeat later
                permit(await identify(asking.gate, asking.request, safe=True), "feed.read")
                known_at = now()
            yield b"".join(map(_frame, events)) or f": still here\nid: {reading.cursor}\n\n".encode()
    except (Problem, CursorRefused, Gap) as ended:
        yield f"event: end\ndata: {orjson.dumps({'reason': getattr(ended, 'reason', 'gap')}).decode()}\n\n".encode()
    except (BrokerUnavailable, DocumentsUnavailable):
        return  # a store is away: who follows calls again, and goes on after what they heard last
    finally:
        asking.gate.open_feeds[key] -= 1


async def events(
    asking: Asked,
    after: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
    type: Types = (),  # noqa: A002 - as CloudEvents calls it
) -> Response:
    """The desk's events by page, from the beginning or after a cursor: to export, or to catch up.

    One request looks at so many events only. Where few are of the types asked for, a page has fewer than `limit`, or
    none; as long as `more` is true, there is more to read after `next`.
    """
    reading = await _start(asking, after, beginning=True)
    found: list[Event] = []
    more, looks = True, 0
    while more and looks < MOST_LOOKS and len(found) < limit:
        before = reading.cursor
        with _refusing():
            found += await reading.next(frozenset(type))
        more, looks = reading.cursor != before, looks + 1
    cursor = found[limit - 1].cursor if len(found) >= limit else reading.cursor
    content = [orjson.Fragment(event.content) for event in found[:limit]]
    return Response(orjson.dumps({"items": content, "next": cursor, "more": more}), media_type="application/json")


async def _start(asking: Asking, cursor: str | None, *, beginning: bool) -> Reading:
    with _refusing():
        return await asking.gate.feed.start(await asking.place(), cursor, from_beginning=beginning)


@contextmanager
def _refusing() -> Iterator[None]:
    """Raises Problem where a cursor leads nowhere: 400 for what we never gave out, 410 for what leads no further."""
    try:
        yield
    except (CursorRefused, Gap) as refused:
        reason = getattr(refused, "reason", "gap")
        status = 400 if reason == "not_ours" else 410
        raise Problem(status, f"cursor_{reason}", "Begin again without a cursor.") from None


def _frame(event: Event) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event.cursor.encode(), event.type.encode(), event.content)


PAGE = {
    "type": "object",
    "required": ["items", "next", "more"],
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "next": {"type": "string", "description": "The cursor to go on from, also after an empty page."},
        "more": {"type": "boolean", "description": "Whether there may be more to read after it at once."},
    },
}
STREAM = {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events, for ever."}
EVENTS = {"content": {"application/json": {"schema": PAGE}}, "description": "Events and the cursor to go on from."}

ROUTES = (
    Route("GET", "/v1/feed", feed, "feed.read", {"response_class": Response, "responses": {200: STREAM}}),
    Route("GET", "/v1/events", events, "feed.read", {"response_class": Response, "responses": {200: EVENTS}}),
)
