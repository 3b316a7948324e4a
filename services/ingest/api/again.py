"""What could not be read when it came in, read once more: after an upgrade, or when its mailbox is open again."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.requests import Request

from services.ingest.channel import Redrive
from shared.broker import BrokerUnavailable
from shared.dead_letters import DeadLetters, UnknownLetter
from shared.documents import DocumentsUnavailable
from shared.http import Problem
from shared.http.caller import judge


def routes(letters: DeadLetters, ways: Mapping[str, Redrive]) -> APIRouter:
    """One route for the dead letters of all doors; those of the logs are the gateway's."""
    router = APIRouter(tags=["dead letters"])

    @router.post("/v1/inbound/{letter}/redrive", status_code=204, operation_id="redrive_inbound")
    async def redrive(request: Request, letter: Annotated[str, Path(max_length=64)]) -> Response:
        """Read a dead letter of a door again; it becomes the message it would have been."""
        principal = await judge(request, "dead_letter.redrive")
        try:
            found = await letters.get(letter)
        except UnknownLetter:
            raise Problem(404, "no_such_dead_letter") from None
        if found.desk != principal.desk:
            raise Problem(404, "no_such_dead_letter")
        if found.source not in ways or found.state != "kept":
            raise Problem(409, "not_redrivable_here", "It came in by no door, or was settled already.")
        try:
            await letters.redrive(letter, ways[found.source])
        except (BrokerUnavailable, DocumentsUnavailable):
            raise
        except Exception as fault:
            raise Problem(409, "still_unreadable", "It cannot be read today either; it is kept.") from fault
        return Response(status_code=204)

    return router
