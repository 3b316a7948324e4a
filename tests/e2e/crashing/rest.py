"""Peace after a campaign: until nothing is open, every mail has arrived, and nothing has happened for a while."""

import asyncio
import time
from collections.abc import Callable, Sequence

from tests.e2e.crashing.customers import Customers
from tests.e2e.crashing.judging import Claims
from tests.e2e.crashing.relay import Relay
from tests.e2e.crashing.staff import LIVE, PAUSE, Desk
from tests.e2e.events import TOPICS, Event, Listener

LEAVING = ("waiting", "sending", "reporting")
PATIENCE = 150
"""Seconds in which something must move: a lease of 30 seconds and more on a busy machine."""
QUIET = 3
"""Looks in a row, a second apart, at which nothing has moved."""


async def come_to_rest(
    leads: Sequence[Desk], relay: Relay, voices: Callable[[], str], tell: Callable[[str], None] | None = None
) -> None:
    """Every desk, by its lead. What was left undone may take long; standing still may not: AssertionError then, with what `voices` says."""
    deadline, quiet = time.monotonic() + PATIENCE, 0
    before: list[int] = []
    while quiet < QUIET:
        if time.monotonic() > deadline:
            raise AssertionError(f"it never came to rest: {before}\n{voices()}")
        await asyncio.sleep(1)
        now = await _look(leads, relay)
        quiet = quiet + 1 if now == before and not any(now[:3]) else 0
        if now != before:
            before, deadline = now, time.monotonic() + PATIENCE
            if tell:
                tell(f"open, tasks, leaving, arrived: {now}")


async def _look(leads: Sequence[Desk], relay: Relay) -> list[int]:
    """What is still open, to be done, on its way; and how much has come."""
    tickets = sum([len(await lead.live(status)) for lead in leads for status in LIVE])
    tasks = sum([len(await lead.items("/v1/tasks", state="open")) for lead in leads])
    leaving = sum([len(await lead.items("/v1/outbox", state=state)) for lead in leads for state in LEAVING])
    return [tickets, tasks, leaving, sum(relay.arrived.values())]


async def hear_all(lead: Desk, listener: Listener) -> None:
    """Until the live feed has told the listener what an export tells."""
    while await lead.items("/v1/events", after=listener.cursor):  # noqa: ASYNC110 - nobody tells when
        await asyncio.sleep(PAUSE)


def gather(customers: Customers, desks: Sequence[Desk], relay: Relay, events: list[Event]) -> tuple[Claims, list[str]]:
    """What clients were told and heard, for the judge; and what is wrong already."""
    told = {message.mark: customers.post.acknowledged.get(message.number) for message in customers.sent}
    broken = [
        *(f"never taken: {mark}" for mark, id_ in told.items() if id_ is None),
        *(text for desk in desks for text in desk.broken),
    ]
    marks = {mark: id_ for mark, id_ in told.items() if id_ is not None} | dict.fromkeys(customers.answers, "")
    heard: dict[str, list[str]] = {topic: [] for topic in TOPICS.values()}
    for event in events:
        heard[TOPICS[event["source"]]].append(event["id"])
    outcomes = {command: said for desk in desks for command, said in desk.outcomes.items()}
    return Claims(marks, outcomes, relay.arrived, heard), broken
