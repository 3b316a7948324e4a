"""What goes out, for the desk's people: where every delivery stands, and the word that lets a held one go."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.requests import Request
from pydantic import BaseModel, Field

from services.ingest.delivery.outbox import Conflict, Item, NoSuchDelivery, Outbox
from shared.http import Problem
from shared.http.caller import judge

State = Literal["waiting", "sending", "reporting", "held", "delivered", "stored", "failed", "unknown"]
Id = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]


class Delivery(BaseModel):
    """One message on its way out. Addresses are not here: they are looked up when it is sent."""

    id: str
    state: State = Field(description="stored: written to the outbox folder, not sent. held: waits for an operator.")
    code: str = Field("", description="Why it is held, failed or waits; the relay's reply code where it gave one.")
    attempts: int = 0
    repeats: int = Field(0, description="Attempts after a crash whose outcome nobody knows: each may be a repeat.")
    at: int = Field(description="When the desk decided to send it.")
    due_at: int = Field(description="When it is tried next, where it is.")
    number: int
    ticket: str
    conversation: str
    message: str
    channel: str
    account: str
    kind: str
    language: str | None = None
    attachments: int = 0


class WholeDelivery(Delivery):
    text: str = Field("", description="Empty once it was delivered: the ticket keeps it.")


class Deliveries(BaseModel):
    items: list[Delivery]
    next: str | None = None


class Pages:
    """The endpoints, over one outbox. The desk is the principal's, always."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def deliveries(
        self,
        request: Request,
        state: State | None = None,
        after: Annotated[str | None, Query(max_length=2_000)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Deliveries:
        """List deliveries, newest first."""
        principal = await judge(request, "outbox.read")
        try:
            page = await self._outbox.page(principal.desk, state, after, limit)
        except ValueError:
            raise Problem(422, "invalid_cursor", "This cursor is not from here.") from None
        items = [Item(principal.desk, one.key, one.seq, one.body) for one in page.documents]
        return Deliveries(items=[Delivery.model_validate(_shape(item)) for item in items], next=page.next)

    async def delivery(self, request: Request, delivery: Id) -> WholeDelivery:
        """One delivery with its text."""
        principal = await judge(request, "outbox.read")
        item = await self._find(principal.desk, delivery)
        return WholeDelivery.model_validate({**_shape(item), "text": item.delivery.text})

    async def release(self, request: Request, delivery: Id) -> Delivery:
        """Send a held, stored, failed or unknown delivery (again). After `unknown` the customer may get it twice."""
        principal = await judge(request, "outbox.release")
        item = await self._find(principal.desk, delivery)
        try:
            return Delivery.model_validate(_shape(await self._outbox.release(principal.desk, item.id)))
        except (NoSuchDelivery, Conflict):
            raise Problem(409, "under_way", "It is on its way, or has arrived.") from None

    async def _find(self, desk: str, delivery: str) -> Item:
        item = await self._outbox.find(desk, delivery)
        if item is None:
            raise Problem(404, "no_such_delivery")
        return item


def routes(outbox: Outbox) -> APIRouter:
    """Three routes; each asks the judge for its act."""
    router, pages = APIRouter(tags=["outbox"]), Pages(outbox)
    router.add_api_route("/v1/outbox", pages.deliveries, methods=["GET"], operation_id="get_outbox")
    router.add_api_route("/v1/outbox/{delivery}", pages.delivery, methods=["GET"], operation_id="get_delivery")
    release = "/v1/outbox/{delivery}/release"
    router.add_api_route(release, pages.release, methods=["POST"], operation_id="release_delivery")
    return router


def _shape(item: Item) -> dict[str, Any]:
    body, sent = item.body, item.body["delivery"]
    about = ("number", "ticket", "conversation", "message", "channel", "account", "kind", "language")
    return {
        "id": item.id, **{name: body[name] for name in ("state", "code", "attempts", "repeats", "at", "due_at")},
        **{name: sent.get(name) for name in about}, "attachments": len(sent.get("attachments", ())),
    }  # fmt: skip
