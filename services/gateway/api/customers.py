"""Customers and their contact points."""

from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.api.answers import List, OutcomeAnswer
from services.gateway.api.listing import After, Limit, One, PathId, missing, wrong_cursor
from services.gateway.api.outcomes import IdempotencyKey, write
from services.gateway.api.table import Asked, Route
from services.gateway.api.writes import WRITTEN
from shared.catalogue.commands import LinkContactPoint
from shared.ids import one_spelling


class Address(BaseModel):
    """An address or number, as the customer is reached by it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["email", "phone", "handle", "visitor"]
    address: str = Field(min_length=1, max_length=254, pattern=r"^[^\x00-\x20\x7f]+$")
    name: str = Field("", max_length=200)


async def customers(asking: Asked, after: After = None, limit: Limit = 50, account: One = None) -> List:
    """List customers, perhaps of one account."""
    try:
        listing = await asking.desk.customers(account, after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return List(items=listing.items, next=listing.next)


async def customer(asking: Asked, customer: PathId) -> dict[str, Any]:
    """One customer with contact points."""
    found = await asking.desk.customer(customer)
    if found is None:
        raise missing("customer")
    return found


async def link_contact_point(
    asking: Asked,
    customer: PathId,
    body: Address,
    response: Response,
    key: Annotated[str | None, IdempotencyKey] = None,
) -> OutcomeAnswer:
    """Say that an address or number belongs to a customer."""
    contact = asking.contact(body.kind, one_spelling(body.kind, body.address), body.name)
    command = LinkContactPoint(by=asking.principal, customer=customer, contact=contact)
    return await write(asking, command, key, response)


ROUTES = (
    Route("GET", "/v1/customers", customers, "customer.read"),
    Route("GET", "/v1/customers/{customer}", customer, "customer.read"),
    Route(
        "POST", "/v1/customers/{customer}/contact-points", link_contact_point, "customer.put", {"responses": WRITTEN}
    ),
)  # fmt: skip
