"""How things stand right now: read from the documents when somebody looks at the metrics, so no restart forgets it."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.gateway.store import AGENTS, CLOCKS, DESK, TASKS, TICKETS
from services.gateway.zeros import begin_desk
from shared.clock import SECOND, Clock, Ms
from shared.dead_letters import DeadLetters
from shared.desks import Desks
from shared.documents import Collection, DeskDocuments, Documents, Where, by
from shared.metrics import Metrics
from shared.policy.terms import Status

QUEUES = (TICKETS, TASKS)
LIVE = tuple(status for status in Status if status is not Status.CLOSED)
OPEN_CLOCKS = ("running", "paused")
PAGE = 200
MOST_LOOKED_AT = 2_000


class Gauges:
    """Of all desks of the installation: every process that looks sees the same, so readers take one of them (max), not
    their sum."""

    def __init__(
        self, metrics: Metrics, documents: Documents, desks: Desks, dead_letters: DeadLetters, clock: Clock
    ) -> None:
        self._metrics, self._documents, self._desks = metrics, documents, desks
        self._dead_letters, self._clock = dead_letters, clock

    async def refresh(self) -> None:
        """Set them all. Raises DocumentsUnavailable; what was shown before then stays."""
        places = await self._desks.all()
        await self._show_queues([place.id for place in places])
        for place in places:
            documents = self._documents.of(place.id)
            await self._show_tickets(place.id, documents)
            await self._show_clocks(place.id, documents)
            letters = await self._dead_letters.count(desk=place.id)
            self._metrics.desk.letters.one(place.id).set(letters)

    async def _show_queues(self, desks: Sequence[str]) -> None:
        """All at once: a team that is no more would otherwise keep its last figure."""
        waiting: dict[tuple[str, str], int] = {}
        for desk in desks:
            documents = self._documents.of(desk)
            policy = await _policy(documents)
            teams = sorted(policy.get("teams", ()))
            begin_desk(self._metrics, (one["channel"] for one in policy.get("accounts", {}).values()), teams)
            for team in teams:
                where = by(work_state="queued", team=team)
                waiting[desk, team] = sum([await documents.count(queue.name, where) for queue in QUEUES])
            oldest = [since for queue in QUEUES if (since := await _oldest(documents, queue)) is not None]
            age = self._clock.now() - min(oldest) if oldest else 0
            self._metrics.desk.oldest.one(desk).set(max(0, age) / SECOND)
        self._metrics.desk.queued.clear()
        for place, count in waiting.items():
            self._metrics.desk.queued.one(*place).set(count)

    async def _show_tickets(self, desk: str, documents: DeskDocuments) -> None:
        for status in LIVE:
            count = await documents.count(TICKETS.name, by(status=status))
            self._metrics.desk.tickets.one(desk, status).set(count)
        self._metrics.desk.ready.one(desk).set(await documents.count(AGENTS.name, by(state="ready")))

    async def _show_clocks(self, desk: str, documents: DeskDocuments) -> None:
        for state in OPEN_CLOCKS:
            count = await documents.count(CLOCKS.name, by(state=state))
            self._metrics.promises.clocks.one(desk, state).set(count)
        late = [*by(state="running"), Where("due_at", "<", self._clock.now())]
        self._metrics.promises.overdue.one(desk).set(await documents.count(CLOCKS.name, late))


async def _policy(documents: DeskDocuments) -> Mapping[str, Any]:
    """That in force; nothing before the first one is applied."""
    found = await documents.get(DESK.name, "policy")
    return found.body["policy"] if found else {}


async def _oldest(documents: DeskDocuments, queue: Collection) -> Ms | None:
    """Since when the longest waiting item waits.

    The queue is ordered by rank = since − head start, so nobody behind a rank later than the oldest found so far can be
    older. Behind thousands of urgent ones the search is given up: then it is the oldest of those.
    """
    oldest: Ms | None = None
    after: str | None = None
    for _ in range(MOST_LOOKED_AT // PAGE):
        page = await documents.page(queue.name, where=by(work_state="queued"), order="rank", after=after, limit=PAGE)
        for item in page.documents:
            if oldest is not None and item.body["rank"] >= oldest:
                return oldest
            since = item.body["waiting_since"]
            oldest = since if oldest is None else min(oldest, since)
        after = page.next
        if after is None:
            break
    return oldest
