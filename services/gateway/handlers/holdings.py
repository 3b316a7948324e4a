"""Who holds what: the one thing a projection must remember, because facts about work name no weight and no ticket.

An agent's load is derived from ownership (R7): the sum of what their held and offered items weigh in their state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.catalogue.facts import Fact
from shared.policy.capacity import Capacity
from shared.policy.terms import Status, WorkKind
from shared.tables import Shape, Table

ACTIVE = (Status.NEW, Status.OPEN)


@dataclass(slots=True)
class Item:
    """A task, or a piece of work somebody holds or is offered."""

    ticket: str | None
    kind: str
    channel: str = ""
    agent: str | None = None
    weight: int = 0
    full: int = 0
    offered: bool = False
    slot: int = 0


@dataclass(slots=True)
class Burden:
    """What one agent has at hand."""

    load: int = 0
    held: int = 0
    offered: int = 0


class Holdings:
    """Of one desk. Waiting tickets are not remembered: a hundred thousand of them cost nothing here."""

    def __init__(self) -> None:
        self.items: Table[Item] = Table(Shape(Item))
        self.capacity = Capacity()
        self._by_ticket: dict[str, str] = {}
        self._burdens: dict[str, Burden] = {}

    def burden(self, agent: str) -> Burden:
        return self._burdens.get(agent) or Burden()

    def is_task(self, work: str) -> bool:
        item = self.items.get(work)
        return item is not None and item.kind == WorkKind.TASK

    def ticket_of(self, fact: Fact) -> list[str]:
        """The ticket of a fact that names only its work item."""
        item = self.items.get(getattr(fact, "work", None))
        return [item.ticket] if item is not None and item.ticket else []

    def open_task(self, task: str, ticket: str | None) -> None:
        if task not in self.items:
            self.items.add(task, Item(ticket, WorkKind.TASK))

    def give(self, work: str, ticket: str | None, agent: str, weight: int, *, offered: bool) -> set[str]:
        """`agent` has the item now. Returns those whose burden changed."""
        if work not in self.items:
            self.items.add(work, Item(ticket, WorkKind.TICKET))
        item = self.items.change(work)
        touched = {agent} | self._put_down(item)
        item.agent, item.weight, item.full, item.offered = agent, weight, weight or item.full, offered
        self._count(item, 1)
        if ticket and item.kind != WorkKind.TASK:
            self._by_ticket[ticket] = work
        return touched

    def take_back(self, work: str, *, finished: bool = False) -> set[str]:
        """Nobody has the item any more. Returns those whose burden changed."""
        if work not in self.items:
            return set()
        item = self.items.change(work)
        touched = self._put_down(item)
        if finished or item.kind != WorkKind.TASK:
            self._by_ticket.pop(item.ticket or "", None)
            self.items.remove(work)
        return touched

    def weigh(self, ticket: str, status: str) -> set[str]:
        """The ticket's status changed, and with it what it takes of its holder."""
        work = self._by_ticket.get(ticket)
        if work is None:
            return set()
        item = self.items.change(work)
        computed = self.capacity.weight(item.kind, item.channel, status)
        self._count(item, -1)
        item.weight = (item.full or computed) if status in ACTIVE else computed
        self._count(item, 1)
        return {item.agent} if item.agent else set()

    def _put_down(self, item: Item) -> set[str]:
        if item.agent is None:
            return set()
        agent = item.agent
        self._count(item, -1)
        item.agent, item.weight, item.offered = None, 0, False
        return {agent}

    def _count(self, item: Item, sign: int) -> None:
        if item.agent is None:
            return
        burden = self._burdens.setdefault(item.agent, Burden())
        burden.load += sign * item.weight
        burden.held += sign * (not item.offered)
        burden.offered += sign * item.offered

    def rest(self) -> dict[str, Any]:
        return {"capacity": self.capacity.model_dump(mode="json"), "next_slot": self.items.next_slot}

    def save(self, prefix: str) -> Iterator[tuple[str, bytes | None]]:
        buckets = self.items.freeze()
        return ((f"{prefix}{bucket}", self.items.write(bucket)) for bucket in buckets)

    def restore(self, rest: Mapping[str, Any], prefix: str, chunks: Mapping[str, bytes]) -> None:
        self.capacity = Capacity.model_validate(rest["capacity"])
        for bucket in sorted(int(name.removeprefix(prefix)) for name in chunks if name.startswith(prefix)):
            self.items.load(chunks[f"{prefix}{bucket}"])
        self.items.next_slot = rest["next_slot"]
        for work, item in self.items.items():
            self._count(item, 1)
            if item.ticket and item.agent and item.kind != WorkKind.TASK:
                self._by_ticket[item.ticket] = work
