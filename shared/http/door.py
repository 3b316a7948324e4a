"""What every request passes: an id, headers that keep browsers strict, and an end to whatever goes wrong inside."""

import re
from collections.abc import Callable, Mapping
from itertools import count
from time import monotonic_ns
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import Ms
from shared.http.problems import Problem, answer_problem
from shared.ids import random_id

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Set where a route has not set its own."""
ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}

TOO_LARGE = 413

Report = Callable[[str, BaseException], None]
"""Told the request's id and what failed; never the request itself."""
Answered = Callable[[str, str, int, Ms], None]
"""Told the method, the route's template, the status, and how long it took to the first byte."""
UNMATCHED = "unmatched"


class Door:
    """The outermost of all: nothing leaves, not even a failure of what is inside, without its headers and its shape."""

    def __init__(
        self,
        app: FastAPI,
        report: Report,
        *,
        encrypted: bool,
        answered: Answered | None = None,
        inside: ASGIApp | None = None,
    ) -> None:
        self.app, self._report, self._answered = app, report, answered
        self._inside = inside or app
        self._headers = {**HEADERS, **ENCRYPTED} if encrypted else HEADERS
        # random per process, counted within: an id is for finding a log line, not a secret
        self._process, self._numbers = random_id()[:13], count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        request_id = scope["sanad.request"] = _given_id(scope) or f"{self._process}-{next(self._numbers):06x}"
        began = monotonic_ns()
        answer = _Answer(scope, receive, send, {**self._headers, "X-Request-Id": request_id})
        try:
            await self._inside(scope, receive, answer.send)
        except Exception as fault:  # noqa: BLE001 - the last place where anything can still be answered
            self._report(request_id, fault)
            if not answer.started:
                await answer_problem(Problem(500), request_id)(scope, receive, answer.send)
        finally:
            if self._answered is not None and answer.started_at:
                route = getattr(scope.get("route"), "path", UNMATCHED)
                self._answered(scope["method"], route, answer.status, (answer.started_at - began) // 1_000_000)


class _Answer:
    """One response on its way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str]) -> None:
        self._scope, self._receive, self._send, self._headers = scope, receive, send, headers
        self.started, self.status, self.started_at = False, 0, 0
        self._replaced = False

    async def send(self, message: Message) -> None:
        """Add headers; where the framework's body limit has answered in plain text, a problem goes out instead."""
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if message["status"] == TOO_LARGE and headers.get("content-type", "").startswith("text/plain"):
                await answer_problem(Problem(TOO_LARGE), self._headers["X-Request-Id"])(
                    self._scope, self._receive, self.send
                )
                self._replaced = True
                return
            self.started, self.status, self.started_at = True, message["status"], monotonic_ns()
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)


def _given_id(scope: Scope) -> str:
    """The caller's id where it is harmless, else none."""
    given: Any = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    text = given.decode("latin-1")
    return text if REQUEST_ID.fullmatch(text) else ""
