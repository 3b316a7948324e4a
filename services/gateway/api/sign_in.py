"""Signing in and out. GET shows, POST counts: a mail scanner that follows links opens nothing."""

import html
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Path, Response
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.accounts.sessions import COOKIE, LENGTH
from services.gateway.accounts.sign_in import LIFETIME
from services.gateway.api.asking import client_address, refuse_other_sites
from services.gateway.api.listing import PathId, missing
from services.gateway.api.table import Asked, Route, count
from services.gateway.gate import Gate
from services.gateway.limits import SIGN_INS
from shared.clock import SECOND
from shared.http import Problem
from shared.links import LinkRefused

Token = Annotated[str, Path(min_length=1, max_length=1_024)]


class Wish(BaseModel):
    """Whose seat it is."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: Annotated[str, Field(min_length=3, max_length=254)]


class SignInLink(BaseModel):
    """Hand it over; it opens once."""

    path: str
    expires_at: int


async def show_sign_in(request: Request, token: Token) -> HTMLResponse:
    """Show the button that signs in; nothing is used up."""
    gate = _gate(request)
    try:
        _desk, agent = await gate.sign_in.look(token, gate.clock.now())
    except LinkRefused as refused:
        return _page(f"هذا الرابط لم يعد صالحاً. · This link no longer opens ({refused.reason}).", status=410)
    who = html.escape(agent)
    form = f'<form method="post"><p>{who}</p><button type="submit">تسجيل الدخول · Sign in</button></form>'
    return _page(form, status=200)


async def use_sign_in(request: Request, token: Token) -> Response:
    """Use the link up and begin a session."""
    gate = _gate(request)
    refuse_other_sites(request)
    try:
        cookie = await gate.sign_in.redeem(token, gate.clock.now())
    except LinkRefused as refused:
        return _page(f"هذا الرابط لم يعد صالحاً. · This link no longer opens ({refused.reason}).", status=410)
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        COOKIE, cookie, max_age=LENGTH // SECOND, httponly=True, samesite="lax", secure=gate.encrypted, path="/"
    )
    return response


async def sign_out(asking: Asked) -> Response:
    """End this session."""
    await asking.gate.sessions.close(asking.request.cookies.get(COOKIE, ""))
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=asking.gate.encrypted)
    return response


async def wish_for_link(request: Request, body: Wish) -> dict[str, Any]:
    """Ask to be let in. The answer is the same whether the address is known or not; an admin hands the link over."""
    gate = _gate(request)
    count(gate, f"sign-in {client_address(request)}", SIGN_INS)
    await gate.sign_in.request(body.email, gate.clock.now())
    return {"noted": True}


async def wishes(asking: Asked) -> dict[str, Any]:
    """Agents who asked for a sign-in link, latest first."""
    found = await asking.gate.sign_in.requests(asking.principal.desk)
    return {"items": [asdict(one) for one in found]}


async def make_link(asking: Asked, agent: PathId) -> SignInLink:
    """Make a one-time sign-in link for an agent. It is shown to you and kept nowhere."""
    gate, desk, now = asking.gate, asking.principal.desk, asking.gate.clock.now()
    if (seat := await gate.sessions.principal(desk, agent)) is None:
        raise missing("agent")
    if seat.role == "admin" and asking.principal.role != "admin":
        raise Problem(403, "forbidden", "Only an admin lets an admin in.")
    return SignInLink(path=gate.sign_in.link(desk, agent, now), expires_at=now + LIFETIME)


async def end_sessions(asking: Asked, agent: PathId) -> dict[str, int]:
    """Sign an agent out everywhere."""
    return {"ended": await asking.gate.sessions.close_all(asking.principal.desk, agent)}


def _gate(request: Request) -> Gate:
    gate: Gate = request.state.gate
    return gate


def _page(content: str, status: int) -> HTMLResponse:
    page = (
        '<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>سند · Sanad</title></head>'
        f"<body><main><h1>سند · Sanad</h1>{content}</main></body></html>"
    )
    return HTMLResponse(page, status)


HIDDEN = {"include_in_schema": False, "response_class": HTMLResponse}

ROUTES = (
    Route("GET", "/sign-in/{token}", show_sign_in, None, HIDDEN),
    Route("POST", "/sign-in/{token}", use_sign_in, None, HIDDEN),
    Route("POST", "/v1/sign-in-requests", wish_for_link, None, {"status_code": 202}),
    Route("GET", "/v1/sign-in-requests", wishes, "keys.manage"),
    Route("POST", "/v1/agents/{agent}/sign-in-link", make_link, "keys.manage", {"status_code": 201}),
    Route("DELETE", "/v1/agents/{agent}/sessions", end_sessions, "keys.manage"),
    Route("POST", "/v1/sign-out", sign_out, "people.read", {"status_code": 204, "response_class": Response}),
)
