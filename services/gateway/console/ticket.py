"""One ticket: what was said, what happened, what is promised, and what an agent may do about it."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.gateway.api.answers import WholeTicket
from services.gateway.console.chronicle import Voice, people_in, tell
from services.gateway.console.letter import HEADERS, MOST, clean
from services.gateway.console.visit import Page, Visit
from services.gateway.store import MESSAGES, TICKETS
from shared.blobs import BlobMissing
from shared.catalogue.rule_sets import AGENTS_COPY, ASSISTS, SUB_STATUSES
from shared.documents import Document
from shared.http import Problem
from shared.texts import MessageText

HISTORY = 200
LONGEST_TEXT = 100_000
"""Characters of one message that are shown; the rest is in its download."""
CAUSES = ("solved", "silent", "duplicate")
"""Why an agent resolves."""
NEXT: Mapping[str, tuple[str, ...]] = {
    "new": ("open", "pending", "resolved"), "open": ("pending", "resolved"), "pending": ("open", "resolved"),
    "on_hold": ("open", "pending", "resolved"), "resolved": ("open", "closed"),
}  # fmt: skip
"""What is offered after a status; a hold has a form of its own. Whether it may be so is the desk's to say."""
AFTER_REPLY: Mapping[str, tuple[str, ...]] = {"resolved": ("open",)}


async def show_ticket(visit: Visit) -> Response:
    found = await _find(visit)
    if found.key != visit.request.path_params["ticket"]:
        return RedirectResponse(f"/tickets/{found.key}", status_code=303)
    whole = await visit.tickets.whole(found)
    ticket = WholeTicket.model_validate(whole).model_dump()  # as the public API tells it
    try:
        history = await visit.tickets.history(found.key, visit.asked("history") or None, HISTORY)
    except ValueError:
        raise Problem(404, "wrong_cursor") from None
    clocks = await visit.tickets.clock_history(found.key, None, HISTORY)
    entries = [*history.items, *clocks.items]
    everybody = {person for message in ticket["messages"] for person in (message.get("author"),) if person}
    others = {task.get("owner") for task in ticket["tasks"]} | {ticket.get("owner"), ticket.get("holder")}
    people = await visit.desk.names(sorted(people_in(entries) | everybody | {one for one in others if one}))
    related = sorted(
        {*ticket["merged"], *(link["ticket"] for link in ticket["links"]), ticket.get("merged_into") or ""} - {""}
    )
    rules = await visit.desk.rules()
    return visit.show(
        "ticket.html",
        here="tickets", ticket=ticket, texts=await read_texts(visit, whole["messages"]), people=people,
        contacts={point["id"]: point for point in ticket["contact_points"]}, causes=CAUSES,
        happenings=list(tell(entries, Voice(visit.labels, people))), more_history=history.next,
        agents=[one for one in await visit.desk.all_agents() if not one.get("removed")],
        numbers=await read_numbers(visit, related), threads=threads(ticket),
        statuses=(ticket["status"], *NEXT.get(ticket["status"], ())),
        copies=AGENTS_COPY in rules, helps=ASSISTS in rules,
        sub_statuses=sub_statuses_of(visit, ticket["status"]) if SUB_STATUSES in rules else {},
        after_reply=AFTER_REPLY.get(ticket["status"], ("pending", "resolved")),
    )  # fmt: skip


def sub_statuses_of(visit: Visit, status: str) -> dict[str, str]:
    """What this status may be called more closely."""
    known = visit.labels.policy.get("sub_statuses", {})
    return {key: visit.labels.name("sub_status", key) for key, row in known.items() if row["status"] == status}


async def _find(visit: Visit) -> Document:
    found = await visit.tickets.find(visit.request.path_params["ticket"])
    if found is None:
        raise Problem(404, "no_such_ticket")
    return found


async def read_texts(visit: Visit, messages: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What each message says; long ones come from where they are kept."""
    shown: dict[str, str] = {}
    for message in messages:
        content: MessageText | None = message.get("content")
        if content is None:
            continue
        text = content.text
        if not text and content.text_blob:
            try:
                text = (await visit.gate.blobs.get(visit.who.desk, content.text_blob)).decode("utf-8", "replace")
            except BlobMissing:
                continue
        shown[message["id"]] = text[:LONGEST_TEXT]
    return shown


async def read_numbers(visit: Visit, tickets: list[str]) -> dict[str, int]:
    found = await visit.gate.documents.of(visit.who.desk).get_many(TICKETS.name, tickets)
    return {key: document.body["number"] for key, document in found.items()}


def threads(ticket: Mapping[str, Any]) -> dict[str, int]:
    """The conversations in the order they began, numbered from 1 where there are several."""
    conversations = sorted(ticket["conversations"], key=lambda one: (one.get("opened_at", 0), one["id"]))
    return {one["id"]: place for place, one in enumerate(conversations, 1)} if len(conversations) > 1 else {}


async def show_letter(visit: Visit) -> Response:
    """The HTML a message came with, for its frame alone."""
    key, desk = visit.request.path_params["message"], visit.who.desk
    known = await visit.gate.documents.of(desk).get(MESSAGES.name, key)
    content = await visit.desk.texts.message(key) if known else None
    if content is None or content.html_blob is None:
        raise Problem(404, "no_such_message")
    try:
        html = (await visit.gate.blobs.get(desk, content.html_blob)).decode("utf-8", "replace")
    except BlobMissing:
        raise Problem(404, "no_such_message") from None
    # a hostile letter may take long to clean: the desk goes on meanwhile
    body = await asyncio.to_thread(clean, html) if len(html) <= MOST else ""
    page = visit.pages.render("letter.html", visit.language, assets=visit.assets, body=body)
    return HTMLResponse(page, headers=HEADERS)


PAGES = (
    Page("/tickets/{ticket}", show_ticket, "ticket.read"),
    Page("/messages/{message}/letter", show_letter, "ticket.read"),
)
