"""Who asks: found by the one service that keeps accounts, for the routes of all services of an application."""

from collections.abc import Awaitable, Callable

from fastapi.requests import Request

from shared.catalogue.values import Principal
from shared.http.problems import Problem

Judge = Callable[[Request, str], Awaitable[Principal]]
"""The principal of a request that may do an act. Raises Problem: 401, 403, 429."""


async def judge(request: Request, act: str) -> Principal:
    """The principal, by the application's own judge; where there is none, nobody is known. Raises Problem."""
    found: Judge | None = getattr(request.app.state, "judge", None)
    if found is None:
        raise Problem(401, "unauthenticated", "Nobody can sign in here: ask the gateway.")
    return await found(request, act)
