"""The desk: everything the rules may look at. Rows change in `evolve` only; indexes follow the rows (R4, R7)."""

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import Any

import orjson

from services.router.desk.conversations import CONVERSATION, SET_ASIDE, Conversation, SetAside
from services.router.desk.due import due_times, subjects
from services.router.desk.floor import Floor
from services.router.desk.memory import Memory
from services.router.desk.people import AGENT, CONTACT_POINT, CUSTOMER, Agent, ContactPoint, Customer
from services.router.desk.queues import Sort
from services.router.desk.timers import Timers
from services.router.desk.weights import Weights
from services.router.desk.work import TASK, TICKET, Task, Ticket, Work
from shared.catalogue.facts import Fact
from shared.clock import DAY, Ms
from shared.policy.noun import Localised
from shared.policy.policy import Policy
from shared.policy.team import Team
from shared.policy.terms import Status, WorkKind
from shared.tables import Table

FACTS_PER_COMMAND = 100
REMEMBERED: Ms = 8 * DAY
REMEMBERED_COMMANDS = 500_000
REMEMBERED_STRANGERS = 1_000_000
ANSWERS_COUNTED: Ms = DAY


class Desk:
    """One desk's state. `facts_left` counts down within a command and means nothing between two."""

    def __init__(self, desk: str, organisation: str) -> None:
        self.id, self.organisation = desk, organisation
        self.policy: Policy | None = None
        self.own_addresses: frozenset[str] = frozenset()
        self.switches: dict[str, bool] = {}
        self.time: Ms = 0
        self.seq = self.numbers = self.turns = 0
        self.facts_left = FACTS_PER_COMMAND
        self.tickets: Table[Ticket] = Table(TICKET, resting=True)
        self.tasks: Table[Task] = Table(TASK)
        self.conversations: Table[Conversation] = Table(CONVERSATION, resting=True)
        self.customers: Table[Customer] = Table(CUSTOMER)
        self.contacts: Table[ContactPoint] = Table(CONTACT_POINT)
        self.agents: Table[Agent] = Table(AGENT)
        self.asides: Table[SetAside] = Table(SET_ASIDE)
        self.memories = {
            "heard": Memory(REMEMBERED, REMEMBERED_COMMANDS),
            "settled": Memory(REMEMBERED, REMEMBERED_COMMANDS),
            "met": Memory(None, REMEMBERED_STRANGERS),
            "answered": Memory(ANSWERS_COUNTED, REMEMBERED_COMMANDS),
        }
        self._of_customer: dict[str, str | tuple[str, ...]] = {}
        self._leaving: list[tuple[Ms, str]] = []
        self._policy_saved = b"null"
        self.floor = Floor(self.work, self.team)
        self.timers = Timers(due_times(self))

    # What the rules look up.

    def in_force(self, rules: str) -> bool:
        """Whether these rules, which came after a release, were switched on."""
        return self.switches.get(rules, False)

    def work(self, work: str) -> Work | None:
        """A work item of any kind."""
        return self.tickets.get(work) or self.tasks.get(work)

    def item(self, work: str) -> Work:
        """A work item that is there for certain."""
        return self.tickets[work] if work in self.tickets else self.tasks[work]

    def change_work(self, work: str) -> Work:
        """Its row, to be changed now."""
        return self.tickets.change(work) if work in self.tickets else self.tasks.change(work)

    def ticket(self, ticket: str | None) -> Ticket | None:
        """A ticket that is not closed, as itself even where it was merged."""
        row = self.tickets.get(ticket)
        return row if row is not None and row.status is not Status.CLOSED else None

    def merged(self, ticket: str) -> str:
        """The ticket this one lives on in: itself unless it was merged."""
        while (row := self.tickets.get(ticket)) is not None and row.merged_into:
            ticket = row.merged_into
        return ticket

    def family(self, ticket: str) -> Iterator[str]:
        """The ticket and all that live on in it, however long the chain of merges was."""
        rest = [ticket]
        while rest:
            key = rest.pop()
            yield key
            rest += reversed(self.tickets[key].absorbed)

    def person(self, customer: str) -> str:
        """The record this customer lives on in: itself unless it was merged."""
        while (row := self.customers.get(customer)) is not None and row.into:
            customer = row.into
        return customer

    def tickets_of(self, customer: str) -> tuple[str, ...]:
        """The customer's tickets that are not closed, oldest first; merged ones and spam are not among them."""
        tickets = self._of_customer.get(customer, ())
        return (tickets,) if isinstance(tickets, str) else tickets

    def team(self, team: str) -> Team:
        """A team of the policy, or what stands in for one it no longer has."""
        known = self.policy.teams.get(team) if self.policy else None
        return known or Team(id="gone", name=Localised(en="gone"))

    def head_start(self, row: Work) -> Ms:
        """What the queue key grants this item."""
        tier = row.customer_tier if isinstance(row, Ticket) else None
        return self.policy.head_start(row.priority, tier or "") if self.policy else 0

    @property
    def policy_version(self) -> int:
        return self.policy.version if self.policy else 0

    # What is kept beside the rows.

    def adopt(self, ticket: str, customer: str) -> None:
        """The ticket is among the customer's."""
        self._list(customer, (*self.tickets_of(customer), ticket))

    def abandon(self, ticket: str, customer: str) -> None:
        """The ticket is no longer among the customer's."""
        self._list(customer, tuple(other for other in self.tickets_of(customer) if other != ticket))

    def _list(self, customer: str, tickets: tuple[str, ...]) -> None:
        # nearly everybody has one ticket at most: theirs stands without a tuple around it
        if len(tickets) > 1:
            self._of_customer[customer] = tuple(sorted(tickets, key=self._number))
        elif tickets:
            self._of_customer[customer] = tickets[0]
        else:
            self._of_customer.pop(customer, None)

    def _number(self, ticket: str) -> int:
        number: int = self.tickets.value(ticket, "number")
        return number

    def let_leave(self, ticket: str, at: Ms) -> None:
        """A closed ticket's rows may go at this time."""
        heappush(self._leaving, (at, ticket))

    def say_goodbye(self, at: Ms) -> None:
        """Forget closed tickets whose time has come, with what was merged into them."""
        while self._leaving and self._leaving[0][0] <= at:
            _, ticket = heappop(self._leaving)
            self._forget(ticket)

    def _forget(self, ticket: str) -> None:
        for each in [*self.family(ticket)] if ticket in self.tickets else ():
            for conversation in self.tickets[each].conversations:
                self.conversations.remove(conversation)
            self.tickets.remove(each)

    def apply_policy(self, policy: Policy) -> None:
        """From here on these are the rules; weights and crews are derived anew."""
        self._policy_saved = policy.model_dump_json().encode()
        self.policy = policy
        self.own_addresses = frozenset(address for door in policy.accounts.values() for address in door.addresses)
        self.memories["heard"].budget = policy.limits.remembered_messages
        self._derive_floor()

    def count(self, fact: Fact, at: Ms) -> None:
        """One more fact."""
        self.seq += 1
        self.time = at
        self.facts_left -= 1

    # Saving.

    def tables(self) -> Mapping[str, Table[Any]]:
        pages = {name: memory.pages for name, memory in self.memories.items()}
        return {
            "tickets": self.tickets, "tasks": self.tasks, "conversations": self.conversations,
            "customers": self.customers, "contacts": self.contacts, "agents": self.agents, "asides": self.asides, **pages,
        }  # fmt: skip

    def rest(self) -> dict[str, Any]:
        return {
            "policy": orjson.Fragment(self._policy_saved), "switches": self.switches, "time": self.time,
            "seq": self.seq, "numbers": self.numbers, "turns": self.turns, "unsettled": self.floor.unsettled,
            "memories": {name: memory.rest() for name, memory in self.memories.items()},
        }  # fmt: skip

    def restore(self, rest: dict[str, Any]) -> None:
        self.switches, self.time = rest["switches"], rest["time"]
        self.seq, self.numbers, self.turns = rest["seq"], rest["numbers"], rest["turns"]
        for name, memory in self.memories.items():
            memory.restore(rest["memories"][name])
        for ticket, status, until, merged_into, spam, customer in self.tickets.select(
            "status", "until", "merged_into", "spam", "customer"
        ):
            if status is Status.CLOSED and until is not None:
                self._leaving.append((until, ticket))
            elif status is not Status.CLOSED and merged_into is None and not spam:
                self.adopt(ticket, customer)
        heapify(self._leaving)
        if rest["policy"] is not None:
            self.apply_policy(Policy.model_validate(rest["policy"]))
        else:
            self._derive_floor()
        if not rest["unsettled"]:
            self.floor.settle()
        self.timers.rebuild(subjects(self))

    def _derive_floor(self) -> None:
        self.floor = Floor(self.work, self.team)
        if self.policy:
            self.floor.weights = Weights(self.policy.capacity)
        for agent, seat in self.agents.items():
            self.floor.put_seat(agent, seat)
        for work, agent, holding, key, team, channel, status, asked, not_agent in self.tickets.select(
            "agent", "holding", "key", "team", "channel", "status", "asked", "not_agent"
        ):
            if agent:
                self.floor.weigh(work, self.tickets[work])
            elif holding == "queued":
                self.floor.put_in(work, key, Sort(team, WorkKind.TICKET, channel, status, asked, not_agent))
        for work, row in self.tasks.items():
            if row.agent:
                self.floor.weigh(work, row)
            elif row.holding == "queued":
                self.floor.enter(work, row)
