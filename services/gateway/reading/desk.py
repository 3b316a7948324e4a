"""One desk, to read: the place all readers share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.gateway.reading.shapes import members, shape
from services.gateway.store import AGENTS, CONTACT_POINTS, CUSTOMERS, DESK, SET_ASIDE, TASKS, TICKETS
from shared.documents import DeskDocuments, Document, Page, Where, all_of, by
from shared.texts import Texts

MOST = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, and the cursor of the next."""

    items: list[dict[str, Any]]
    next: str | None


def conditions(**fields: tuple[str, ...] | str | int | None) -> list[Where]:
    """What is given must hold; several values of one field are alternatives."""
    return [
        Where(name, "=", value) if isinstance(value, str | int) else Where(name, "in", value)
        for name, value in fields.items()
        if value is not None and value != ()
    ]


class DeskReading:
    """Agents, customers, tasks, queue and settings of one desk."""

    def __init__(self, documents: DeskDocuments) -> None:
        self.documents = documents
        self.texts = Texts(documents)

    async def prefix(self) -> str:
        """Of ticket numbers: SUP, as the policy in force says."""
        found = await self.documents.get(DESK.name, "desk")
        return str(found.body["prefix"]) if found else ""

    async def policy(self) -> dict[str, Any] | None:
        """The policy in force: version, applied_at, policy."""
        found = await self.documents.get(DESK.name, "policy")
        return found.body if found else None

    async def rules(self) -> frozenset[str]:
        """The rules in force that came after a release."""
        found = await self.documents.get(DESK.name, "rules")
        return frozenset(name for name, on in found.body.items() if on) if found else frozenset()

    async def agents(self, team: str | None = None, after: str | None = None, limit: int = 50) -> Listing:
        page = await self.documents.page(AGENTS.name, where=conditions(team=team), after=after, limit=limit)
        return Listing(await self._named_agents(page.documents), page.next)

    async def all_agents(self) -> list[dict[str, Any]]:
        """Everybody who has, or had, a seat."""
        return await self._named_agents([document async for document in all_of(self.documents, AGENTS.name)])

    async def agent(self, agent: str) -> dict[str, Any] | None:
        found = await self.documents.get(AGENTS.name, agent)
        return (await self._named_agents([found]))[0] if found else None

    async def names(self, agents: Iterable[str | None]) -> dict[str, str]:
        """Names of those who have one."""
        return {key: text.name for key, text in (await self.texts.agents(a for a in agents if a)).items()}

    async def customers(self, account: str | None, after: str | None, limit: int) -> Listing:
        page = await self.documents.page(CUSTOMERS.name, where=conditions(account=account), after=after, limit=limit)
        return Listing(await self._named_customers(page.documents), page.next)

    async def customer(self, customer: str) -> dict[str, Any] | None:
        """With contact points and their addresses."""
        found = await self.documents.get(CUSTOMERS.name, customer)
        if found is None:
            return None
        page = await self.documents.page(CONTACT_POINTS.name, where=by(customer=customer), limit=MOST)
        points = await self._addressed({document.key: shape(document) for document in page.documents})
        (named,) = await self._named_customers([found])
        return {**named, "merged": [key for key, _ in members(found.body, "merged")], "contact_points": points}

    async def contact_points(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """These, in this order, with their addresses; some have nothing but an address so far."""
        found = await self.documents.get_many(CONTACT_POINTS.name, ids)
        return await self._addressed({key: shape(found[key]) if key in found else {"id": key} for key in ids})

    async def _addressed(self, points: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
        texts = await self.texts.contacts(points)
        return [{**point, **(texts[key].model_dump() if key in texts else {})} for key, point in points.items()]

    async def tasks(self, where: Sequence[Where], after: str | None, limit: int) -> Listing:
        page = await self.documents.page(TASKS.name, where=where, order="due_at", after=after, limit=limit)
        texts = await self.texts.tasks(document.key for document in page.documents)
        items = [
            {**shape(document), **(texts[document.key].model_dump() if document.key in texts else {})}
            for document in page.documents
        ]
        return Listing(items, page.next)

    async def set_aside(self, after: str | None, limit: int) -> Listing:
        """What waits to be looked at, latest first, with its text."""
        page = await self.documents.page(
            SET_ASIDE.name, where=by(state="set_aside"), order="at", descending=True, after=after, limit=limit
        )
        texts = await self.texts.messages(document.key for document in page.documents)
        items = [{**shape(document), "content": texts.get(document.key)} for document in page.documents]
        return Listing(items, page.next)

    async def queue(self, team: str | None, limit: int) -> dict[str, Any]:
        """What waits, best first: tickets and tasks together, and how many there are in all."""
        where = [*conditions(team=team), *by(work_state="queued")]
        pages: dict[str, Page] = {}
        waiting = 0
        for collection, kind in ((TICKETS, "ticket"), (TASKS, "task")):
            pages[kind] = await self.documents.page(collection.name, where=where, order="rank", limit=limit)
            waiting += await self.documents.count(collection.name, where)
        items = [{**shape(one), "kind": kind} for kind, page in pages.items() for one in page.documents]
        items.sort(key=lambda item: (item.get("rank", 0), item["id"]))
        return {"waiting": waiting, "items": items[:limit]}

    async def _named_agents(self, documents: Sequence[Document]) -> list[dict[str, Any]]:
        texts = await self.texts.agents(document.key for document in documents)
        return [
            {**shape(document), **(texts[document.key].model_dump() if document.key in texts else {})}
            for document in documents
        ]

    async def _named_customers(self, documents: Sequence[Document]) -> list[dict[str, Any]]:
        texts = await self.texts.customers(document.key for document in documents)
        return [
            {**shape(document), "name": texts[document.key].name if document.key in texts else ""}
            for document in documents
        ]
