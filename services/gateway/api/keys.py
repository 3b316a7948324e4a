"""API keys of the desk. Each is shown once, when it is made."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.accounts.keys import MOST
from services.gateway.api.listing import After, Limit, PathId, missing, wrong_cursor
from services.gateway.api.table import Asked, Route
from shared.http import Problem
from shared.permissions import ACTS

SCOPES = frozenset(permission.scope for permission in ACTS.values() if permission.scope)


class NewKey(BaseModel):
    """What a new key may do: its role, narrowed to its scopes. An integrator needs at least one.

    A key that carries scopes itself makes keys with some of its own only.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=100)]
    role: Literal["integrator", "lead", "manager", "admin"] = "integrator"
    scopes: Annotated[tuple[str, ...], Field(max_length=50)] = ()


class KeyAnswer(BaseModel):
    id: str
    name: str
    role: str
    scopes: tuple[str, ...]
    created_at: int
    created_by: str
    revoked_at: int | None


class CreatedKey(KeyAnswer):
    token: str = Field(description="Shown this once.")


class KeyList(BaseModel):
    items: list[KeyAnswer]
    next: str | None = None


async def create_key(asking: Asked, body: NewKey) -> CreatedKey:
    """Make an API key."""
    unknown = sorted(set(body.scopes) - SCOPES)
    if unknown or (body.role == "integrator" and not body.scopes):
        raise Problem(422, "unknown_scopes", f"Scopes are {', '.join(sorted(SCOPES))}.")
    if body.role == "admin" and asking.principal.role != "admin":
        raise Problem(403, "forbidden", "Only an admin makes keys for admins.")
    own = asking.principal.scopes
    if own and not (body.scopes and set(body.scopes) <= set(own)):
        raise Problem(403, "forbidden", f"This key makes keys with scopes out of its own only: {', '.join(own)}.")
    key, token = await asking.gate.keys.create(
        asking.principal, body.name, body.role, body.scopes, asking.gate.clock.now()
    )
    return CreatedKey(**asdict(key), token=token)


async def list_keys(asking: Asked, after: After = None, limit: Limit = MOST) -> KeyList:
    """List the desk's API keys, revoked ones too."""
    try:
        keys, following = await asking.gate.keys.of_desk(asking.principal.desk, after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return KeyList(items=[KeyAnswer(**asdict(key)) for key in keys], next=following)


async def revoke_key(asking: Asked, key: PathId) -> Response:
    """Revoke an API key, at once and for ever."""
    if not await asking.gate.keys.revoke(asking.principal.desk, key, asking.gate.clock.now()):
        raise missing("key")
    return Response(status_code=204)


GONE = {"status_code": 204, "response_class": Response}

ROUTES = (
    Route("GET", "/v1/keys", list_keys, "keys.manage"),
    Route("POST", "/v1/keys", create_key, "keys.manage", {"status_code": 201}),
    Route("DELETE", "/v1/keys/{key}", revoke_key, "keys.manage", GONE),
)
