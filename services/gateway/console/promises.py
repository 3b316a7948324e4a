"""Promises on the board: what is late and what is due next, of tickets somebody still works on.

Tickets and clocks follow different topics, so neither says of the other what counts here: one kind is walked and the
other looked up. Of what is late the one there is less of: missed promises are kept for ever, and most are history.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from services.gateway.reading.desk import conditions
from services.gateway.store import CLOCKS, TICKETS
from shared.clock import DAY, MINUTE, Ms
from shared.documents import Collection, DeskDocuments, Document, Where, by
from shared.policy.terms import Status

SOON: Ms = 30 * MINUTE
SHOWN_AHEAD: Ms = 7 * DAY
CHUNK = 200
MOST = 2_000
"""Documents walked for one view."""
UNSOLVED = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)

Pair = tuple[Document, Document]
"""A clock and its ticket."""


@dataclass(frozen=True, slots=True)
class Promises:
    """The earliest due of them, and how many tickets they belong to; not `exact`: at least."""

    rows: Sequence[Pair]
    tickets: int
    exact: bool


async def missed(documents: DeskDocuments, team: str | None, rows: int) -> Promises:
    """What is late, of all teams or of one."""
    breached, alive = by(state="breached"), conditions(team=team, status=UNSOLVED)
    clocks, tickets = await documents.count(CLOCKS.name, breached), await documents.count(TICKETS.name, alive)
    few = clocks <= min(tickets, MOST)
    walk = _from_clocks(documents, breached, team) if few else _from_tickets(documents, alive, breached)
    found = sorted([pair async for pair in walk], key=lambda pair: (pair[0].body["due_at"], pair[0].key))
    return Promises(found[:rows], len({ticket.key for _, ticket in found}), exact=min(clocks, tickets) <= MOST)


async def due(documents: DeskDocuments, now: Ms, team: str | None, rows: int) -> Promises:
    """What is due next; its tickets are those of the next half hour. A clock without a due time never is."""
    soon, ahead = _running(now + SOON), _running(now + SHOWN_AHEAD)
    exact = await documents.count(CLOCKS.name, soon) <= MOST
    found: list[Pair] = []
    tickets: set[str] = set()
    async for clock, ticket in _from_clocks(documents, ahead, team):
        if clock.body["due_at"] <= now + SOON:
            tickets.add(ticket.key)
        elif len(found) >= rows:
            break
        found.append((clock, ticket))
    return Promises(found[:rows], len(tickets), exact)


async def _from_clocks(documents: DeskDocuments, where: Sequence[Where], team: str | None) -> AsyncIterator[Pair]:
    """Clocks by their due time, each with its ticket."""
    async for clocks in _chunks(documents, CLOCKS, where, "due_at"):
        tickets = await documents.get_many(TICKETS.name, sorted({clock.body["ticket"] for clock in clocks}))
        for clock in clocks:
            ticket = tickets.get(clock.body["ticket"])
            if ticket is not None and _is_worked_on(ticket) and team in {None, ticket.body.get("team")}:
                yield clock, ticket


async def _from_tickets(
    documents: DeskDocuments, where: Sequence[Where], of_clocks: Sequence[Where]
) -> AsyncIterator[Pair]:
    """Tickets, the oldest first, each with such clocks as it has."""
    async for found in _chunks(documents, TICKETS, where, "opened_at"):
        tickets = {ticket.key: ticket for ticket in found if _is_worked_on(ticket)}
        if not tickets:
            continue
        of_these = [*of_clocks, Where("ticket", "in", tuple(tickets))]
        async for clocks in _chunks(documents, CLOCKS, of_these, "due_at"):
            for clock in clocks:
                yield clock, tickets[clock.body["ticket"]]


async def _chunks(
    documents: DeskDocuments, kind: Collection, where: Sequence[Where], order: str
) -> AsyncIterator[list[Document]]:
    """Page by page, up to so many."""
    after: str | None = None
    for _ in range(MOST // CHUNK):
        page = await documents.page(kind.name, where=where, order=order, after=after, limit=CHUNK)
        yield page.documents
        after = page.next
        if after is None:
            return


def _is_worked_on(ticket: Document) -> bool:
    body = ticket.body
    return body.get("status") in UNSOLVED and not body.get("merged_into") and not body.get("spam")


def _running(until: Ms) -> list[Where]:
    return [Where("state", "=", "running"), Where("due_at", ">", 0), Where("due_at", "<=", until)]
