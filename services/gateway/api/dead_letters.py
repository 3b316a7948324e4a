"""Dead letters of the desk: what could not be taken, and what is done about it."""

import base64
from typing import Any

from fastapi import Response

from services.gateway.api.answers import List
from services.gateway.api.listing import After, Limit, PathId, missing, wrong_cursor
from services.gateway.api.table import Asked, Route
from shared.broker import Outgoing
from shared.catalogue.topics import COMMANDS
from shared.dead_letters import DeadLetter, State, UnknownLetter
from shared.http import Problem


async def dead_letters(asking: Asked, after: After = None, limit: Limit = 50, state: State = "kept") -> List:
    """List dead letters, newest first."""
    try:
        page = await asking.gate.dead_letters.page(desk=asking.principal.desk, state=state, after=after, limit=limit)
    except ValueError:
        raise wrong_cursor() from None
    return List(items=[_shape(letter) for letter in page.letters], next=page.next)


async def dead_letter(asking: Asked, letter: PathId) -> dict[str, Any]:
    """One dead letter with its original bytes, in base64."""
    found = await _find(asking, letter)
    original = await asking.gate.dead_letters.original(letter)
    return {**_shape(found), "original": base64.b64encode(original).decode()}


async def redrive(asking: Asked, letter: PathId) -> dict[str, Any]:
    """Append a command once more, under its own id. A fact is never appended again: rebuild its reader instead."""
    found = await _find(asking, letter)
    if found.origin is None or found.origin.topic != COMMANDS.name:
        raise Problem(409, "not_redrivable_here", "Only commands are appended again; see the README for the others.")
    place = await asking.place()

    async def send(_letter: DeadLetter, content: bytes) -> None:
        record = Outgoing(COMMANDS.name, place.partition, place.id.encode(), content, found.headers)
        await asking.gate.broker.append([record])

    await asking.gate.dead_letters.redrive(letter, send)
    return _shape(await asking.gate.dead_letters.get(letter))


async def discard(asking: Asked, letter: PathId) -> Response:
    """Say that nothing is to be done about it."""
    await _find(asking, letter)
    await asking.gate.dead_letters.discard(letter)
    return Response(status_code=204)


async def _find(asking: Asked, letter: str) -> DeadLetter:
    try:
        found = await asking.gate.dead_letters.get(letter)
    except UnknownLetter:
        raise missing("dead_letter") from None
    if found.desk != asking.principal.desk:
        raise missing("dead_letter")
    return found


def _shape(letter: DeadLetter) -> dict[str, Any]:
    origin = letter.origin
    return {
        "id": letter.id, "source": letter.source, "reason": letter.reason, "error": letter.error, "at": letter.at,
        "attempts": letter.attempts, "state": letter.state, "state_at": letter.state_at, "size": letter.size,
        "origin": {"topic": origin.topic, "partition": origin.partition, "offset": origin.offset} if origin else None,
    }  # fmt: skip


GONE = {"status_code": 204, "response_class": Response}

ROUTES = (
    Route("GET", "/v1/dead-letters", dead_letters, "dead_letter.read"),
    Route("GET", "/v1/dead-letters/{letter}", dead_letter, "dead_letter.read"),
    Route("POST", "/v1/dead-letters/{letter}/redrive", redrive, "dead_letter.redrive"),
    Route("DELETE", "/v1/dead-letters/{letter}", discard, "dead_letter.redrive", GONE),
)
