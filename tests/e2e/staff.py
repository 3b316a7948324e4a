"""The desk's people, each signed in with a link of their own and working through the API."""

import asyncio
from typing import Any

import httpx2

from tests.e2e.living_desk import HOUSE
from tests.e2e.waiting import until

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a request that our own page makes."""


class Agent:
    """One person at the desk."""

    def __init__(self, agent: str, client: httpx2.AsyncClient) -> None:
        self.id, self._client = agent, client

    async def held(self) -> list[dict[str, Any]]:
        """The tickets they hold."""
        answer = await self._client.get("/v1/tickets", params={"holder": self.id, "limit": 200})
        items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
        return items

    async def update(self, ticket: str, key: str, **changes: Any) -> httpx2.Response:
        """`update_ticket`, under a key of its own."""
        return await self._client.patch(f"/v1/tickets/{ticket}", json=changes, headers={"Idempotency-Key": key})

    async def page(self, path: str) -> str:
        """What their browser shows there."""
        return (await self._client.get(path, headers={"Accept": "text/html"})).text

    async def close(self) -> None:
        await self._client.aclose()


def people() -> list[str]:
    """Who is in the example's people file."""
    lines = (HOUSE / "deploy" / "people.csv").read_text(encoding="utf-8").splitlines()
    return [line.partition(",")[0] for line in lines[1:]]


async def sign_in(admin: httpx2.AsyncClient, url: str) -> list[Agent]:
    """Everybody of the people file at their own screen, once a new desk has them all ready."""

    async def all_ready() -> bool:
        agents = (await admin.get("/v1/agents", params={"limit": 200})).raise_for_status().json()["items"]
        return {agent["id"] for agent in agents if agent["state"] == "ready"} >= set(people())

    await until("everybody is ready", all_ready)
    return list(await asyncio.gather(*(_sign_in(admin, url, agent) for agent in people())))


async def _sign_in(admin: httpx2.AsyncClient, url: str, agent: str) -> Agent:
    link = (await admin.post(f"/v1/agents/{agent}/sign-in-link")).raise_for_status().json()["path"]
    client = httpx2.AsyncClient(base_url=url, timeout=15, headers=OWN_PAGE)
    answer = await client.post(link)
    if not client.cookies:
        raise AssertionError(f"{agent} was not let in: {answer.status_code}")
    return Agent(agent, client)
