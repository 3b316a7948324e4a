"""The figures of the live board, counted where they are kept. Only what is now; reports are another matter."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.gateway.console.promises import Promises
from services.gateway.reading.desk import conditions
from services.gateway.store import AGENTS, TASKS, TICKETS
from shared.clock import Ms
from shared.documents import DeskDocuments, Where, by
from shared.policy.terms import Status

CHUNK = 100
MOST = 500
"""Documents looked at for who waits longest; behind them nobody is looked for."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the desk, or of one team. Lengths of time in milliseconds."""

    open: int
    waiting: int
    oldest_wait: Ms | None
    missed: Promises
    due: Promises
    ready: int


async def count_figures(
    documents: DeskDocuments, now: Ms, team: str | None, missed: Promises, due: Promises
) -> Figures:
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
        missed=missed,
        due=due,
        ready=await documents.count(AGENTS.name, [*of_team, *by(state="ready")]),
    )


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
