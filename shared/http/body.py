"""A request's body in bounded memory and time, for the doors that keep what they are sent."""

import asyncio

from fastapi.requests import Request
from starlette.requests import ClientDisconnect

from shared.clock import SECOND, Ms
from shared.http.problems import Problem
from shared.room import Full, Holding

PATIENCE: Ms = 15 * SECOND
"""For every `PORTION` of a body: whoever sends less in this time does not get to its end."""
PORTION = 64 << 10
SOON = {"Retry-After": "5"}


class BoundedBody:
    """Reads one request's body, and lets go of the room it holds."""

    def __init__(self, request: Request, holding: Holding, most: int, patience: Ms = PATIENCE) -> None:
        self._request, self._holding, self._most = request, holding, most
        self._patience = patience / SECOND
        self.let_go = holding.let_go

    async def read(self, most: int) -> bytes:
        """All of it, of `most` bytes or as many as the door lets through. Raises Problem: 400, 408, 413, 429, 503."""
        most = min(most, self._most)
        stated = self._request.headers.get("content-length", "0")
        if stated.isdecimal() and int(stated) > most:
            raise _too_large()
        try:
            async with asyncio.timeout(self._patience) as patience:
                return await self._gather(most, patience)
        except TimeoutError:
            raise Problem(408, "too_slow", "The request came too slowly.") from None
        except ClientDisconnect:
            raise Problem(400, "malformed", "The request broke off.") from None
        except Full as full:
            raise no_room(full) from None

    async def _gather(self, most: int, patience: asyncio.Timeout) -> bytes:
        content, portion = bytearray(), PORTION
        async for piece in self._request.stream():
            if len(content) + len(piece) > most:
                raise _too_large()
            self._holding.take(len(piece))
            content += piece
            if len(content) >= portion:
                portion = len(content) + PORTION
                patience.reschedule(asyncio.get_running_loop().time() + self._patience)
        return bytes(content)


def no_room(full: Full) -> Problem:
    """429 is the asker's own doing, 503 is not."""
    if full.own:
        return Problem(429, "too_many_requests", "Too much of yours is under way at once; try again.", headers=SOON)
    return Problem(503, "unavailable", "Too much is under way at once; try again.", headers=SOON)


def _too_large() -> Problem:
    return Problem(413, "too_large", "The request is larger than what is taken here.")
