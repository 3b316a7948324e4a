"""A second desk, another organisation's, that lives in the house: written to, read and answered while the first is struck."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

import httpx2

from tests.e2e.crashing.acts import Act, solve
from tests.e2e.crashing.customers import Customers
from tests.e2e.crashing.judging import Claims
from tests.e2e.crashing.relay import Relay
from tests.e2e.crashing.rest import gather
from tests.e2e.crashing.staff import LIVE, PAUSE, Desk
from tests.e2e.events import Event, Listener, export
from tests.e2e.story.stage import Ticket
from tests.faults.installing import ITS_FORM, ITS_MAILBOX, ITS_ORGANISATION, NEIGHBOUR
from tests.traffic.post import Postman

FIRST = 500_000
"""Number of its first message and customer: none of one desk is ever the other's."""
SELDOM, HURRY = 4, 0.3
"""So many messages its neighbour gets for each of its own; seconds between two while it is watched how its neighbour's
trouble touches it."""
TOGETHER = 8
"""Tickets its lead answers at once."""
LOOK = 2.0
"""Seconds between two looks of its lead."""
SOON, IN_A_ROW = 2.0, 2
"""It is well where so many writes one after another take so many seconds at most."""
PATIENCE = 60
"""Seconds it may take until it is."""
SOMEBODY = "nora"


class Neighbour:
    """Its customers, and its lead, who reads every ticket and answers it."""

    def __init__(self, post: Postman, relay: Relay, lead: Desk, seed: int, pace: float) -> None:
        self.customers = Customers(post, relay, seed, SELDOM * pace, FIRST)
        self.lead, self.over = lead, False
        self._relay, self._before, self.listener = relay, list[Event](), Listener(lead.client, "", 10_000)
        self._keys = count()

    async def begin(self) -> "tuple[asyncio.Task[None], ...]":
        """It lives from now on. The first task ends when its customers have stopped writing, the second when it is over."""
        self._before, cursor = await export(self.lead.client)
        self.listener.cursor = cursor or ""
        lives = (self.customers.run(), self._work(), self.listener.persist(PAUSE))
        return tuple(asyncio.create_task(life) for life in lives)

    async def is_well(self) -> bool:
        """Whether it is served as soon as ever, after a minute at most: what was struck before is over then."""
        deadline, in_a_row = time.monotonic() + PATIENCE, 0
        while in_a_row < IN_A_ROW and time.monotonic() < deadline:
            began = time.monotonic()
            # by every process a message goes through, and back
            await self._write(Act("PUT", f"/v1/agents/{SOMEBODY}/presence", {"state": "ready"}))
            in_a_row = in_a_row + 1 if time.monotonic() - began < SOON else 0
        return in_a_row == IN_A_ROW

    @asynccontextmanager
    async def hurried(self) -> AsyncIterator[None]:
        """Its customers write much more often."""
        writing = asyncio.create_task(self._hurry())
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    @property
    def events(self) -> list[Event]:
        """All that it was told."""
        return [*self._before, *self.listener.heard]

    def gather(self) -> tuple[Claims, list[str]]:
        """What its clients were told, for the judge; and what is wrong already."""
        claims, broken = gather(self.customers, [self.lead], self._relay, self.events)
        return replace(claims, desk=NEIGHBOUR, organisation=ITS_ORGANISATION), broken

    async def _hurry(self) -> None:
        while True:
            self.customers.burst(1)
            await asyncio.sleep(HURRY)

    async def _work(self) -> None:
        while not self.over:
            for status in LIVE:
                live = await self.lead.live(status)
                for begin in range(0, len(live), TOGETHER):
                    await asyncio.gather(*map(self._answer, live[begin : begin + TOGETHER]))
            for task in await self.lead.items("/v1/tasks", state="open"):
                await self._write(Act("POST", f"/v1/tasks/{task['id']}/complete", {"result": "done"}))
            await asyncio.sleep(LOOK)

    async def _answer(self, ticket: Ticket) -> None:
        await self.lead.ask("GET", f"/v1/tickets/{ticket['id']}")
        await self._write(solve(ticket))

    async def _write(self, act: Act) -> None:
        await self.lead.write(act, f"{NEIGHBOUR}-{next(self._keys)}")


@asynccontextmanager
async def moved_in(
    url: str, smtp_port: int, relay: Relay, key: str, seed: int, pace: float
) -> AsyncIterator[Neighbour]:
    """The desk of that key, by the same doors as everybody's; `pace` is its neighbour's."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        Postman(url, ITS_FORM, smtp_port, ITS_MAILBOX) as post,
        httpx2.AsyncClient(base_url=url, headers=headers, timeout=15) as client,
    ):
        yield Neighbour(post, relay, Desk(client), seed, pace)
