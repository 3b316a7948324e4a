"""Projections: how far a rebuild is, and asking for one."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from services.gateway.api.listing import missing
from services.gateway.api.table import Asked, Route
from services.gateway.rebuild.orders import Order
from services.gateway.rebuild.rebuilds import BY_NAME

Name = Annotated[str, Path(min_length=1, max_length=40, description=f"One of {', '.join(BY_NAME)}.")]
ACT = "projection.rebuild"


class RebuildAnswer(BaseModel):
    """A rebuild, and what it found. Sound documents are never touched."""

    projection: str
    state: str = Field(description="waiting, running, done or failed")
    at: int = Field(description="When it was asked for.")
    read: int = Field(description="Records of the log folded again, of `end`.")
    end: int
    documents: int = Field(description="Documents compared.")
    wrong: int = Field(description="Documents that said something else; put right.")
    missing: int = Field(description="Documents that were not there; put back.")
    extra: int = Field(description="Documents that no fact explains; taken away.")


async def rebuild(asking: Asked, projection: Name) -> RebuildAnswer:
    """Fold a projection of the desk again from its first fact, and put right what differs."""
    if projection not in BY_NAME:
        raise missing("projection")
    return _answer(await asking.gate.rebuilds.ask(await asking.place(), projection))


async def rebuilt(asking: Asked, projection: Name) -> RebuildAnswer:
    """How far the last rebuild of a projection is; no such thing where none was ever asked for."""
    order = await asking.gate.rebuilds.find(asking.principal.desk, projection)
    if order is None:
        raise missing("rebuild")
    return _answer(order)


def _answer(order: Order) -> RebuildAnswer:
    return RebuildAnswer(projection=order.projection, state=order.state, at=order.at, **asdict(order.result))


ROUTES = (
    Route("POST", "/v1/projections/{projection}/rebuild", rebuild, ACT, {"status_code": 202}),
    Route("GET", "/v1/projections/{projection}/rebuild", rebuilt, ACT),
)
