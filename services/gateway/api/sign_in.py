"""Signing in and out, for programs; the console has the pages. A GET never uses a link up."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Response
from fastapi.requests import Request
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.accounts.sessions import COOKIE, LENGTH
from services.gateway.accounts.sign_in import LIFETIME
from services.gateway.api.asking import client_address, refuse_other_sites
from services.gateway.api.listing import PathId, missing
from services.gateway.api.table import Asked, Route, count
from services.gateway.gate import Gate
from services.gateway.limits import SIGN_INS
from shared.catalogue.values import Role
from shared.clock import SECOND
from shared.http import Problem
from shared.links import LinkRefused
from shared.permissions import ACTS, Reach


class LinkToken(BaseModel):
    """The last part of a one-time link."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    token: Annotated[str, Field(min_length=1, max_length=1_024)]


class Wish(BaseModel):
    """Whose seat it is."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: Annotated[str, Field(min_length=3, max_length=254)]


class SignInLink(BaseModel):
    """Hand it over; it opens once."""

    path: str
    expires_at: int


async def begin_session(request: Request, body: LinkToken) -> Response:
    """Use a one-time link up and begin a session, as its page does."""
    gate = _gate(request)
    refuse_other_sites(request)
    count(gate, f"sign-in {client_address(request)}", SIGN_INS)
    try:
        cookie = await gate.sign_in.redeem(body.token, gate.clock.now())
    except LinkRefused as refused:
        raise Problem(410, f"link_{refused.reason}", "This link no longer opens.") from None
    response = Response(status_code=204)
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
    if asking.principal.scopes and not scopes_of(seat.role) <= set(asking.principal.scopes):
        raise Problem(403, "forbidden", "A key with scopes lets nobody in who may do more.")
    return SignInLink(path=gate.sign_in.link(desk, agent, now), expires_at=now + LIFETIME)


def scopes_of(role: Role) -> set[str]:
    """What a session in this role reaches: it has no scopes of its own to narrow it."""
    return {one.scope for one in ACTS.values() if one.scope and one.reach.get(role, Reach.NONE)}


async def end_sessions(asking: Asked, agent: PathId) -> dict[str, int]:
    """Sign an agent out everywhere."""
    return {"ended": await asking.gate.sessions.close_all(asking.principal.desk, agent)}


def _gate(request: Request) -> Gate:
    gate: Gate = request.state.gate
    return gate


NOTHING = {"status_code": 204, "response_class": Response}

ROUTES = (
    Route("POST", "/v1/sessions", begin_session, None, NOTHING),
    Route("POST", "/v1/sign-in-requests", wish_for_link, None, {"status_code": 202}),
    Route("GET", "/v1/sign-in-requests", wishes, "keys.manage"),
    Route("POST", "/v1/agents/{agent}/sign-in-link", make_link, "keys.manage", {"status_code": 201}),
    Route("DELETE", "/v1/agents/{agent}/sessions", end_sessions, "keys.manage"),
    Route("POST", "/v1/sign-out", sign_out, "people.read", NOTHING),
)
