"""The other pages of a desk: what was set aside, what went out, who works here."""

from typing import Any

from fastapi.responses import Response

from services.gateway.console.visit import Page, Visit
from shared.http import Problem

MOST = 50


async def show_set_aside(visit: Visit) -> Response:
    try:
        listing = await visit.desk.set_aside(visit.asked("after") or None, MOST)
    except ValueError:
        raise Problem(404, "wrong_cursor") from None
    return visit.show("set_aside.html", here="set_aside", items=listing.items, next=listing.next)


async def show_outbox(visit: Visit) -> Response:
    """Deliveries are ingest's: the page asks the public API for them."""
    return visit.show("outbox.html", here="outbox")


async def show_people(visit: Visit) -> Response:
    try:
        listing = await visit.desk.agents(None, visit.asked("after") or None, MOST)
    except ValueError:
        raise Problem(404, "wrong_cursor") from None
    wishes: list[Any] = []
    if visit.may("keys.manage"):
        wishes = await visit.gate.sign_in.requests(visit.who.desk)
    return visit.show(
        "people.html", here="people", items=listing.items, next=listing.next, wishes=wishes,
        people={agent["id"]: agent.get("name", "") for agent in listing.items},
    )  # fmt: skip


PAGES = (
    Page("/set-aside", show_set_aside, "message.read_aside"),
    Page("/outbox", show_outbox, "outbox.read"),
    Page("/people", show_people, "people.read"),
)
