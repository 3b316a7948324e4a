"""Tickets, to read."""

from typing import Annotated

from fastapi import Query, Response

from services.gateway.api.answers import List, MessageList, TicketList, WholeTicket
from services.gateway.api.listing import After, Limit, One, PathId, missing, wrong_cursor
from services.gateway.api.table import Asked, Route
from services.gateway.reading.desk import conditions
from services.gateway.reading.shapes import parse_number
from shared.documents import Document
from shared.http import Problem
from shared.policy.terms import Status

Several = Annotated[tuple[str, ...], Query(max_length=50)]


async def tickets(
    asking: Asked,
    after: After = None,
    limit: Limit = 50,
    status: Annotated[tuple[Status, ...], Query(max_length=6)] = (),
    team: Several = (),
    owner: Several = (),
    customer: One = None,
    holder: One = None,
    number: Annotated[str | None, Query(max_length=40, description="1024, SUP-1024 or ١٠٢٤")] = None,
) -> TicketList:
    """List tickets, newest first. Several values of one filter are alternatives."""
    known = parse_number(number) if number is not None else None
    if number is not None and known is None:
        raise Problem(422, "invalid", "This is no ticket number.")
    where = conditions(
        status=tuple(map(str, status)), team=team, owner=owner, customer=customer, holder=holder, number=known
    )
    try:
        listing = await asking.tickets.page(where, after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return TicketList.model_validate({"items": listing.items, "next": listing.next})


async def ticket(asking: Asked, ticket: PathId, response: Response) -> WholeTicket:
    """One ticket, by id or number, with its conversations, messages, clocks and tasks.

    The ETag is its seq; send it back as If-Match, or as `seen`, with a write. Clocks, tasks and surveys have facts of their
    own and change under the same seq: the feed tells of them.
    """
    found = await _find(asking, ticket)
    response.headers["ETag"] = f'"{found.seq}"'
    return WholeTicket.model_validate(await asking.tickets.whole(found))


async def messages(asking: Asked, ticket: PathId, after: After = None, limit: Limit = 50) -> MessageList:
    """The messages of a ticket with their text, in order of time."""
    found = await _find(asking, ticket)
    try:
        listing = await asking.tickets.messages(found, after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return MessageList.model_validate({"items": listing.items, "next": listing.next})


async def history(asking: Asked, ticket: PathId, after: After = None, limit: Limit = 50) -> List:
    """Everything that happened to a ticket, with who asked and the why of each assignment."""
    found = await _find(asking, ticket)
    try:
        listing = await asking.tickets.history(found.key, after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return List(items=listing.items, next=listing.next)


async def clock_history(asking: Asked, ticket: PathId, after: After = None, limit: Limit = 50) -> List:
    """Everything that happened to a ticket's clocks, with the deadlines that were."""
    found = await _find(asking, ticket)
    try:
        listing = await asking.tickets.clock_history(found.key, after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return List(items=listing.items, next=listing.next)


async def _find(asking: Asked, reference: str) -> Document:
    found = await asking.tickets.find(reference)
    if found is None:
        raise missing("ticket")
    return found


ROUTES = (
    Route("GET", "/v1/tickets", tickets, "ticket.read"),
    Route("GET", "/v1/tickets/{ticket}", ticket, "ticket.read"),
    Route("GET", "/v1/tickets/{ticket}/messages", messages, "ticket.read"),
    Route("GET", "/v1/tickets/{ticket}/history", history, "ticket.read"),
    Route("GET", "/v1/tickets/{ticket}/clocks/history", clock_history, "ticket.read"),
)
