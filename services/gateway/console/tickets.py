"""The list of tickets: by status, team and owner, and by number in either script."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import RedirectResponse, Response

from services.gateway.api.answers import TicketAnswer
from services.gateway.console.visit import Page, Visit
from services.gateway.reading.desk import conditions
from services.gateway.reading.shapes import parse_number
from shared.http import Problem
from shared.policy.terms import Status

MOST = 50
LIVE = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)
VIEWS: Mapping[str, tuple[Status, ...]] = {"live": LIVE, "all": (), **{status: (status,) for status in Status}}


def as_told(ticket: dict[str, Any]) -> dict[str, Any]:
    """A ticket in the shape the public API gives it."""
    return TicketAnswer.model_validate(ticket).model_dump()


async def show_tickets(visit: Visit) -> Response:
    sought = visit.asked("q").strip()
    if sought:
        if (number := parse_number(sought)) is not None:
            page = await visit.tickets.page(conditions(number=number), None, 1)
            if page.items:
                return RedirectResponse(f"/tickets/{page.items[0]['id']}", status_code=303)
        return visit.show("tickets.html", here="tickets", sought=sought, items=[], next=None, views=[*VIEWS], chosen={})
    chosen = {name: visit.asked(name) for name in ("status", "team", "holder", "owner")}
    where = conditions(
        status=VIEWS.get(chosen["status"] or "live", LIVE), team=chosen["team"] or None,
        owner=chosen["owner"] or None, holder=chosen["holder"] or None,
    )  # fmt: skip
    try:
        listing = await visit.tickets.page(where, visit.asked("after") or None, MOST)
    except ValueError:
        raise Problem(404, "wrong_cursor") from None
    people = [item.get("owner") for item in listing.items]
    return visit.show(
        "tickets.html", here="tickets", sought="", items=[as_told(item) for item in listing.items], next=listing.next, views=[*VIEWS],
        chosen=chosen, people=await visit.desk.names(people),
    )  # fmt: skip


PAGES = (Page("/tickets", show_tickets, "ticket.read"),)
