"""The live board: what waits, who is there, what is due, what came in."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.responses import Response

from services.gateway.console.figures import count_figures
from services.gateway.console.promises import Promises, missed
from services.gateway.console.promises import due as next_due
from services.gateway.console.tickets import as_told
from services.gateway.console.visit import Page, Visit
from services.gateway.reading.desk import conditions
from services.gateway.reading.shapes import shape, shape_ticket
from services.gateway.store import TASKS, TICKETS
from shared.documents import DeskDocuments, by
from shared.policy.terms import Status

Rows = list[dict[str, Any]]
QUEUE, RECENT, CLOCK_ROWS, MOST_AGENTS, MINE = 25, 12, 12, 200, 50


async def show_board(visit: Visit) -> Response:
    team, now = visit.asked("team") or None, visit.gate.clock.now()
    documents = visit.gate.documents.of(visit.who.desk)
    queue = await visit.desk.queue(team, QUEUE)
    recent = await visit.tickets.page(conditions(team=team), None, RECENT)
    late, due = await missed(documents, team, CLOCK_ROWS), await next_due(documents, now, team, CLOCK_ROWS)
    clocks = told(late, due)
    mine = await read_mine(documents, visit)
    listed = [*queue["items"], *mine]
    agents = await read_agents(visit, team)
    named = {agent["id"]: agent.get("name", "") for agent in agents}
    owners = {row.get("owner") for row in [*recent.items, *clocks]} - {None, *named}
    return visit.show(
        "board.html",
        here="board", team=team, agents=agents,
        names=named | await visit.desk.names(sorted(map(str, owners))),
        figures=await count_figures(documents, now, team, late, due), queue=queue["items"], waiting=queue["waiting"],
        recent=[as_told(item) for item in recent.items], clocks=clocks, mine=mine, subjects=await read_subjects(visit, listed),
        next_due=await visit.tickets.clocks(sorted({ticket_of(item) for item in listed} - {""})),
        numbers=await read_numbers(documents, [item for item in listed if item["kind"] == "task"]),
    )  # fmt: skip


def ticket_of(item: Mapping[str, Any]) -> str:
    """The ticket a queued item is about, "" where it is about none."""
    return str(item["id"] if item["kind"] == "ticket" else item.get("ticket") or "")


async def read_agents(visit: Visit, team: str | None) -> Rows:
    """Ready ones first, then by how long they have been away."""
    listing = await visit.desk.agents(team, None, MOST_AGENTS)
    seated = [agent for agent in listing.items if not agent.get("removed")]
    return sorted(seated, key=lambda agent: (agent.get("state") != "ready", agent.get("name") or agent["id"]))


async def read_mine(documents: DeskDocuments, visit: Visit) -> Rows:
    """What the visitor holds or is offered: offers first, then whoever waits longest."""
    rows: Rows = []
    for collection, kind in ((TICKETS, "ticket"), (TASKS, "task")):
        page = await documents.page(collection.name, where=by(holder=visit.who.id), order="rank", limit=MINE)
        rows += [{**(shape_ticket(one) if kind == "ticket" else shape(one)), "kind": kind} for one in page.documents]
    live = [row for row in rows if row.get("status") not in {Status.RESOLVED, Status.CLOSED}]
    return sorted(live, key=lambda row: (row.get("work_state") != "offered", row.get("awaiting") != "agent", row["id"]))


def told(missed: Promises, due: Promises) -> Rows:
    """The next promises that are due, overdue ones first, each with its ticket."""
    return [
        {**shape(clock), "number": ticket.body["number"], "owner": ticket.body.get("owner")}
        for clock, ticket in [*missed.rows, *due.rows[: CLOCK_ROWS - len(missed.rows) // 2]]
    ]


async def read_subjects(visit: Visit, items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the tickets of the queue are about, by ticket."""
    opening = {item["id"]: item.get("opening", "") for item in items if item["kind"] == "ticket"}
    texts = await visit.desk.texts.messages(message for message in opening.values() if message)
    return {ticket: texts[message].subject for ticket, message in opening.items() if message in texts}


async def read_numbers(documents: DeskDocuments, tasks: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The numbers of the tickets that tasks are about."""
    keys = sorted({str(task["ticket"]) for task in tasks if task.get("ticket")})
    found = await documents.get_many(TICKETS.name, keys)
    return {key: document.body["number"] for key, document in found.items()}


PAGES = (Page("/", show_board, "ticket.read"),)
