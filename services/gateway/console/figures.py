"""The figures of the live board, counted where they are kept. Only what is now; reports are another matter."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.gateway.reading.desk import conditions
from services.gateway.store import AGENTS, CLOCKS, TASKS, TICKETS
from shared.clock import MINUTE, Ms
from shared.documents import DeskDocuments, Document, Where, by
from shared.policy.terms import Status

SOON: Ms = 30 * MINUTE
CHUNK = 100
MOST = 500
"""Documents looked at for a figure that cannot be counted by an index; beyond, the figure is a lower bound."""
UNSOLVED = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the desk, or of one team. Lengths of time in milliseconds."""

    open: int
    waiting: int
    oldest_wait: Ms | None
    breached: int
    due_soon: int
    ready: int


async def count_figures(documents: DeskDocuments, now: Ms, team: str | None) -> Figures:
    """All of them, as the documents are now."""
    of_team = conditions(team=team)
    queued = [*of_team, *by(work_state="queued")]
    waiting = [await documents.count(collection.name, queued) for collection in (TICKETS, TASKS)]
    oldest = [await oldest_waiting(documents, collection.name, queued) for collection in (TICKETS, TASKS)]
    since = min((one for one in oldest if one is not None), default=None)
    return Figures(
        open=await documents.count(TICKETS.name, [*of_team, *conditions(status=(Status.NEW, Status.OPEN))]),
        waiting=sum(waiting),
        oldest_wait=max(0, now - since) if since is not None else None,
        breached=await count_tickets(documents, [Where("state", "=", "breached")], team),
        due_soon=await count_tickets(documents, due_before(now + SOON), team),
        ready=await documents.count(AGENTS.name, [*of_team, *by(state="ready")]),
    )


def due_before(at: Ms) -> list[Where]:
    """Running clocks that are due by then (those that never are have no due time)."""
    return [Where("state", "=", "running"), Where("due_at", ">", 0), Where("due_at", "<=", at)]


async def oldest_waiting(documents: DeskDocuments, collection: str, queued: Sequence[Where]) -> Ms | None:
    """Since when the one who waits longest waits.

    The queue is kept by rank = waiting_since − head start, so nobody further back waits longer than their rank says:
    the search ends there.
    """
    oldest: Ms | None = None
    after: str | None = None
    for _ in range(MOST // CHUNK):
        page = await documents.page(collection, where=queued, order="rank", after=after, limit=CHUNK)
        for document in page.documents:
            if oldest is not None and document.body.get("rank", 0) >= oldest:
                return oldest
            since = document.body.get("waiting_since")
            oldest = since if oldest is None or (since is not None and since < oldest) else oldest
        after = page.next
        if after is None:
            break
    return oldest


async def count_tickets(documents: DeskDocuments, where: Sequence[Where], team: str | None) -> int:
    """How many unsolved tickets have such a clock."""
    page = await documents.page(CLOCKS.name, where=where, order="due_at", descending=True, limit=MOST)
    return len(await unsolved(documents, page.documents, team))


async def unsolved(
    documents: DeskDocuments, clocks: Sequence[Document], team: str | None
) -> dict[str, Document]:  # fmt: skip
    """Those tickets of the clocks that somebody still works on."""
    found = await documents.get_many(TICKETS.name, sorted({clock.body["ticket"] for clock in clocks}))
    return {
        key: ticket
        for key, ticket in found.items()
        if ticket.body.get("status") in UNSOLVED
        and not ticket.body.get("merged_into")
        and not ticket.body.get("spam")
        and team in {None, ticket.body.get("team")}
    }
