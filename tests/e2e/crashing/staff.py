"""Agents who repeat under the same key whatever was not answered, and a lead who moves people about."""

import asyncio
import random
from itertools import count
from typing import Any

import httpx2

from tests.e2e.crashing.acts import Act, draw_act, solve
from tests.e2e.staff import OWN_PAGE, people
from tests.e2e.story.stage import Ticket

PAUSE = 0.2
TOGETHER = 12
"""So many tickets a lead closes at once, then looks again: meanwhile others close some, too."""
TRANSIENT = frozenset({408, 429, 500, 502, 503})
WAITING = ("pending", "on_hold")
LIVE = ("new", "open", *WAITING)


class Desk:
    """The API as somebody persistent uses it: what fails is asked again under the same key."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.outcomes: dict[str, str] = {}
        """Command → the outcome its sender was told."""
        self.broken: list[str] = []

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Until there is an answer that is not about our own trouble."""
        while True:
            try:
                answer = await self.client.request(method, path, **more)
            except httpx2.HTTPError:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code == 500:
                self.broken.append(f"{method} {path}: {answer.text}")
            if answer.status_code not in TRANSIENT:
                return answer
            await asyncio.sleep(PAUSE)

    async def write(self, act: Act, key: str) -> str:
        """The outcome of a write, however long it takes: done, or the reason of its refusal."""
        answer = await self.ask(act.method, act.path, json=act.body, headers={"Idempotency-Key": key})
        told = answer.json()
        while answer.status_code == 202:
            answer = await self.ask("GET", f"/v1/commands/{told['command']}", params={"wait": "true"})
            told = answer.json()
        outcome = str(told.get("reason") or told.get("state"))
        if "command" in told:
            self.outcomes[told["command"]] = outcome
        return outcome

    async def items(self, path: str, **params: str) -> list[dict[str, Any]]:
        answer = await self.ask("GET", path, params={"limit": "200", **params})
        found: list[dict[str, Any]] = answer.json().get("items", [])
        return found

    async def live(self, status: str) -> list[Ticket]:
        """Tickets in this status that ask for somebody's time."""
        tickets = await self.items("/v1/tickets", status=status)
        return [ticket for ticket in tickets if not ticket.get("spam") and not ticket["merged_into"]]


class Staff:
    """Everybody at the desk. `pause`: seconds until they look again."""

    def __init__(self, url: str, key: str, seed: int, pause: float = PAUSE) -> None:
        self._url, self._draw, self._pause = url, random.Random(seed), pause
        self.lead = Desk(httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=15))
        self.desks = [self.lead]
        self.closing = False
        """The day ends: whatever is left is solved, everybody stays ready."""
        self.over = False
        self._keys = count()

    async def run(self) -> None:
        """Work until it is over."""
        agents = people()
        sitting = [self._sit(agent) for agent in agents]
        await asyncio.gather(self._lead(agents), *sitting)

    async def _sit(self, agent: str) -> None:
        async with httpx2.AsyncClient(base_url=self._url, timeout=15, headers=OWN_PAGE) as client:
            desk = Desk(client)
            self.desks.append(desk)
            await self._sign_in(agent, desk)
            while not self.over:
                for ticket in await desk.items("/v1/tickets", holder=agent):
                    await self._attend(desk, agent, ticket)
                await asyncio.sleep(self._pause)

    async def _sign_in(self, agent: str, desk: Desk) -> None:
        """A link opens once: where the answer to its use was lost, another one is asked for."""
        while not desk.client.cookies:
            link = (await self.lead.ask("POST", f"/v1/agents/{agent}/sign-in-link")).json().get("path")
            if link is None:
                await asyncio.sleep(PAUSE)  # a new desk does not know its people yet
            else:
                await desk.ask("POST", link)

    async def _attend(self, desk: Desk, agent: str, ticket: Ticket) -> None:
        if ticket["status"] not in {"new", "open"}:
            return
        act = solve(ticket) if self.closing else draw_act(ticket, self._draw)
        await desk.write(act, self._key(agent))

    async def _lead(self, agents: list[str]) -> None:
        """Somebody goes, somebody comes, tasks are done, tickets of one customer become one."""
        while not self.over:
            if self.closing:
                for agent in agents:
                    await self._set(agent, "ready", "")
            else:
                reason = self._draw.choice(("break", "meeting", "offline"))
                await self._set(self._draw.choice(agents), "not_ready", reason)
                await self._set(self._draw.choice(agents), "ready", "")
                await self._merge()
            for task in await self.lead.items("/v1/tasks", state="open"):
                await self.lead.write(
                    Act("POST", f"/v1/tasks/{task['id']}/complete", {"result": "done"}), self._key("lead")
                )
            if self.closing:
                await self._end_waits()
            await asyncio.sleep(3 * self._pause)

    async def _set(self, agent: str, state: str, reason: str) -> None:
        body = {"state": state, **({"reason": reason} if reason else {})}
        await self.lead.write(Act("PUT", f"/v1/agents/{agent}/presence", body), self._key("lead"))

    async def _merge(self) -> None:
        """Two open tickets of one customer, if there are two."""
        seen: dict[str, str] = {}
        for ticket in await self.lead.items("/v1/tickets", status="open"):
            into = seen.setdefault(ticket["customer"], ticket["id"])
            if into != ticket["id"]:
                await self.lead.write(
                    Act("POST", f"/v1/tickets/{ticket['id']}/merge", {"into": into}), self._key("lead")
                )
                return

    async def _end_waits(self) -> None:
        """Nobody is left pending, on hold, or waiting for somebody who passed on them."""
        for status in LIVE:
            waiting = [one for one in await self.lead.live(status) if status in WAITING or not one["holder"]]
            await asyncio.gather(*(self.lead.write(solve(one), self._key("lead")) for one in waiting[:TOGETHER]))

    def _key(self, who: str) -> str:
        return f"{who}-{next(self._keys)}"

    async def close(self) -> None:
        await self.lead.client.aclose()
