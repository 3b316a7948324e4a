"""Routes that read and bound their requests themselves, reached past the framework's layers.

Of a message's way through the door those layers were a third of the work: middleware, dependencies and limits that such
a route has no use for. It stays in the schema, and whatever fits none of them goes the usual way.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from fastapi import FastAPI
from fastapi.requests import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class PlainRoute(APIRoute):
    """For `APIRouter(route_class=…)`. Its endpoint takes the request, reads no more of it than it can hold, and answers."""


class PlainRoutes:
    """Finds a plain route by method and path; the first that fits, as the framework would."""

    def __init__(self, app: FastAPI, routes: Iterable[object]) -> None:
        self._app = app
        self._routes = [route for route in routes if isinstance(route, PlainRoute)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for route in self._routes if scope["type"] == "http" else ():
            if scope["method"] in (route.methods or ()) and (found := route.path_regex.match(scope["path"])):
                scope.update(app=self._app, route=route, path_params=found.groupdict())
                response = await self._answer(route, Request(scope, receive, send))
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer(self, route: PlainRoute, request: Request) -> Response:
        """The endpoint's, or what the application makes of the fault; a failure nobody expects is the door's affair."""
        try:
            return await cast("Endpoint", route.endpoint)(request)
        except Exception as fault:
            refuse = next((known for kind in type(fault).__mro__ if (known := self._refusal(kind)) is not None), None)
            if refuse is None:
                raise
            return await refuse(request, fault)

    def _refusal(self, kind: type) -> Callable[[Request, Exception], Awaitable[Response]] | None:
        handler = None if kind is Exception else self._app.exception_handlers.get(kind)
        return cast("Callable[[Request, Exception], Awaitable[Response]] | None", handler)
