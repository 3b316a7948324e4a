"""Everybody is busy while faults strike, in the order a seed gives them; then all heals, comes to rest, and is judged."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.crashing.customers import Customers
from tests.e2e.crashing.judging import DESK_ID, ORGANISATION, Claims, Verdict
from tests.e2e.crashing.rest import PATIENCE, come_to_rest, gather, hear_all
from tests.e2e.crashing.staff import PAUSE, Staff
from tests.e2e.events import Event, Listener, export
from tests.e2e.story.stage import FORM, MAILBOX
from tests.faults.dealing import deal, file_of
from tests.faults.fault import Fault
from tests.faults.goals import Goals
from tests.faults.house import House
from tests.faults.installing import ITS_MAILBOX, ITS_ORGANISATION, NEIGHBOUR, neighbours_key
from tests.faults.judging import judge_house
from tests.faults.neighbour import Neighbour, moved_in
from tests.faults.nemesis import FAULTS
from tests.faults.strangers import Party, ask_each_other, check_told, marks_of
from tests.faults.troubles import beside
from tests.traffic.post import Postman

REST = 3_000
"""Milliseconds before the end by which all that was due had been done."""

LOOKS = 0.4
"""Of the time between two messages, between two looks of an agent."""
OVERTIME = 0.5
"""Of its length a campaign lasts longer where some kind of fault has not come yet."""


@dataclass(slots=True)
class Outcome:
    """What clients saw and what was found; what was done is in the house's journal."""

    messages: int = 0
    neighbours: int = 0
    """Messages to the other desk."""
    deliveries: int = 0
    writes: int = 0
    scores: int = 0
    mails: int = 0
    mails_twice: int = 0
    heard: int = 0
    calls: int = 0
    questions: int = 0
    """Asked under one desk's key for what is another's."""
    struck_for: float = 0
    rested_after: float = 0
    codes: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Clients:
    """Everybody outside: those of the desk that is struck, and those of its neighbour."""

    customers: Customers
    staff: Staff
    before: list[Event]
    listener: Listener
    neighbour: Neighbour

    def parties(self) -> tuple[Party, Party]:
        """Both desks as they are known until now."""
        ours = [*self.before, *self.listener.heard]
        return (
            Party(DESK_ID, ORGANISATION, MAILBOX, self.staff.lead, marks_of(self.customers), ours),
            Party(
                NEIGHBOUR, ITS_ORGANISATION, ITS_MAILBOX, self.neighbour.lead, marks_of(self.neighbour.customers),
                self.neighbour.events,
            ),
        )  # fmt: skip


class Campaign:
    """`pace` is the customers' in seconds; who serves them looks as often. `only`: words one of which stands in the name of each fault that strikes."""

    def __init__(
        self, house: House, seed: int, length: float, *, pace: float = 0.4, only: Sequence[str] = (),
        tell: Callable[[str], None] = print,
    ) -> None:  # fmt: skip
        self.house, self._seed, self._length, self._pace, self._tell = house, seed, length, pace, tell
        self._faults = [
            fault
            for fault in FAULTS
            if fault.nodes <= house.nodes
            and fault.worth <= length
            and (not only or any(word in fault.name for word in only))
        ]
        self.outcome = Outcome()
        self._struck_from = 0.0
        self._began = time.monotonic()

    async def run(self) -> Outcome:
        """All of it. Raises AssertionError where the house does not come up or never comes to rest."""
        house = self.house
        try:
            await house.open()
            self._say("the house is up")
            key = neighbours_key(house.folder)
            opened = moved_in(house.url, house.smtp_port, house.relay, key, self._seed, self._pace)
            async with Postman(house.url, FORM, house.smtp_port, MAILBOX) as post, opened as neighbour:
                customers = Customers(post, house.relay, self._seed, self._pace)
                house.customers, house.neighbour = customers, neighbour
                staff = Staff(house.url, house.key, self._seed, self._pace * LOOKS)
                before, cursor = await export(staff.lead.client)
                listener = Listener(staff.lead.client, cursor or "", hang_up_after=10_000)
                clients = Clients(customers, staff, before, listener, neighbour)
                await self._live(clients)
            house.rested_at = time.time_ns() // 1_000_000 - REST
            await staff.close()
            claims = self._gather(clients)
            self.outcome.codes = await house.close()
            self._say("everybody has stopped; judging")
            self.outcome.verdict = await judge_house(house, claims)
        finally:
            await house.tear_down()
        return self.outcome

    async def _live(self, clients: Clients) -> None:
        customers, staff, neighbour = clients.customers, clients.staff, clients.neighbour
        writing, working = asyncio.create_task(customers.run()), asyncio.create_task(staff.run())
        theirs = await neighbour.begin()
        busy = (writing, working, asyncio.create_task(clients.listener.persist(PAUSE)), *theirs)
        try:
            await self._strike(busy)
            began = time.monotonic()
            customers.writing = neighbour.customers.writing = False
            await asyncio.wait_for(asyncio.gather(writing, theirs[0]), PATIENCE)
            staff.closing = True
            await come_to_rest([staff.lead, neighbour.lead], self.house.relay, self._voices, self._say)
            self.outcome.rested_after = time.monotonic() - began
            await self._ask_each_other(clients)
            staff.over = neighbour.over = True
            await asyncio.wait_for(asyncio.gather(working, theirs[1]), PATIENCE)
            for lead, listener in ((staff.lead, clients.listener), (neighbour.lead, neighbour.listener)):
                await asyncio.wait_for(hear_all(lead, listener), PATIENCE)
        finally:
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)

    async def _ask_each_other(self, clients: Clients) -> None:
        """S12, while all still runs and nothing more happens."""
        parties, outcome = clients.parties(), self.outcome
        outcome.questions, outcome.broken = await ask_each_other(*parties, self._seed)
        outcome.broken += check_told(*parties, self.house.relay.letters)
        self._say(f"{outcome.questions} times one desk asked for what is the other's")

    async def _strike(self, busy: Sequence["asyncio.Task[None]"]) -> None:
        """One fault after another until the time is over. One of each kind comes even if it takes half as long again."""
        draw, waiting = random.Random(self._seed), {file_of(fault) for fault in self._faults}
        self._struck_from = time.monotonic()
        for fault in deal(draw, self._faults, self._needs):
            first = file_of(fault) in waiting
            if self._left <= (-OVERTIME * self._length if waiting else 0):
                break
            if fault.aftermath > self._left and not first:
                await asyncio.sleep(0.05)
                continue
            await self._strike_once(fault, draw)
            waiting.discard(file_of(fault))
            for task in busy:
                if task.done():
                    task.result()
        self.outcome.struck_for = time.monotonic() - self._struck_from

    async def _strike_once(self, fault: Fault, draw: random.Random) -> None:
        journal = self.house.journal
        async with beside(self.house, fault.name) if fault.watched else nullcontext():
            at = time.monotonic()
            why = await fault.strike(self.house, draw)
            length = time.monotonic() - at
        if why:
            journal.spared[fault.name] = why
            await asyncio.sleep(0.05)
        else:
            journal.strikes[fault.name] += 1
            journal.lengths.setdefault(fault.name, []).append(length)
        self._say(f"{fault.name} ({why or f'{length:.1f} s'})")

    @property
    def _left(self) -> float:
        """Seconds."""
        return self._length - (time.monotonic() - self._struck_from)

    def _needs(self) -> Mapping[str, float]:
        return Goals().needs(self.house.journal, self._left / self._length)

    def _gather(self, clients: Clients) -> list[Claims]:
        outcome, customers, listener, relay = self.outcome, clients.customers, clients.listener, self.house.relay
        claims, broken = gather(customers, clients.staff.desks, relay, [*clients.before, *listener.heard])
        theirs, theirs_broken = clients.neighbour.gather()
        outcome.broken += [*broken, *theirs_broken]
        outcome.messages, outcome.deliveries, outcome.writes = (
            len(claims.marks), customers.post.deliveries, len(claims.outcomes),
        )  # fmt: skip
        outcome.neighbours = len(theirs.marks)
        outcome.scores, outcome.heard, outcome.calls = customers.scores, len(listener.heard), listener.calls
        outcome.mails, outcome.mails_twice = len(relay.arrived), relay.repeats
        return [claims, theirs]

    def _say(self, line: str) -> None:
        self._tell(f"{time.monotonic() - self._began:6.1f} s  {line}")

    def _voices(self) -> str:
        return "\n".join(f"{name}: {member.said()}" for name, member in self.house.members.items())


def new_house(folder: Path, nodes: int = 1, shell: str = "faust") -> House:
    """In a folder that is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    return House(folder, nodes, shell)


__all__ = ["Campaign", "Outcome", "new_house"]
