"""S12 from outside: under its key each desk asks for what is the other's, wherever one can ask, and is told nothing of it."""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.gateway.api import ROUTES
from tests.e2e.crashing.acts import Act
from tests.e2e.crashing.customers import Customers
from tests.e2e.crashing.staff import Desk
from tests.e2e.events import Event
from tests.e2e.letters import Letter

SAMPLE = 10
"""Ids of each kind that are asked for."""
NAMES = ("ticket", "message", "customer", "conversation", "work", "delivery")
"""In events: ids of one desk's."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MARK = re.compile(r"\b(?:ref|answer)\d{6,}x")
PLACEHOLDER = re.compile(r"{([a-z]+)}")
NOT_FOUND = frozenset({403, 404})
FEED = "/v1/feed"
"""It does not end; what it told is looked at afterwards."""
READS = [route.path for route in ROUTES if route.method == "GET" and route.path != FEED] + [
    "/v1/outbox",
    "/v1/outbox/{delivery}",
]
LONGEST_PAGE = "200"


@dataclass(slots=True)
class Party:
    """One organisation's desk as its clients know it. `marks` stand in what its customers wrote."""

    desk: str
    organisation: str
    mailbox: str
    lead: Desk
    marks: frozenset[str]
    events: list[Event]
    ids: dict[str, list[str]] = field(init=False, default_factory=lambda: defaultdict(list))
    own: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        for event in self.events:
            for name in NAMES:
                value = event["data"].get(name)
                if isinstance(value, str) and value not in self.own:
                    self.ids[name].append(value)
                    self.own.add(value)
        self.ids["command"] = list(self.lead.outcomes)
        self.own.update(self.lead.outcomes)

    def named_in(self, text: str) -> set[str]:
        """What is this desk's in a text: ids, and words of its customers."""
        return (set(UUID.findall(text)) & self.own) | (set(MARK.findall(text)) & self.marks)


class Stranger:
    """Asks as `me` for what is `theirs`."""

    def __init__(self, me: Party, theirs: Party, draw: random.Random) -> None:
        self._me, self._theirs, self._draw = me, theirs, draw
        # not the lead's own: what is refused here is told in other words than the log's, so that it tells nothing
        self._desk = Desk(me.lead.client)
        self.asked = 0
        self.broken = self._desk.broken

    async def ask(self) -> None:
        """Everything."""
        for path in READS:
            names = set(PLACEHOLDER.findall(path)) - {"number"}
            if not names:
                await self._page_through(path)
            elif names <= self._theirs.ids.keys():
                for one in self._some(*names):
                    await self._look_for(PLACEHOLDER.sub("0", path.replace(f"{{{min(names)}}}", one)))
        for ticket in self._some("ticket"):
            await self._write(Act("PATCH", f"/v1/tickets/{ticket}", {"note": "not mine"}))
            for own in self._me.ids["ticket"][-1:]:
                await self._write(Act("POST", f"/v1/tickets/{own}/merge", {"into": ticket}))

    async def _look_for(self, path: str) -> None:
        answer = await self._get(path)
        if answer.status_code not in NOT_FOUND:
            self._complain(path, f"was answered with {answer.status_code}")
        if words := set(MARK.findall(answer.text)) & self._theirs.marks:
            self._complain(path, f"says {sorted(words)}")

    async def _page_through(self, path: str) -> None:
        """What is its own must hold nothing of the other's."""
        after: dict[str, str] = {}
        while True:
            answer = await self._get(path, limit=LONGEST_PAGE, **after)
            if found := self._theirs.named_in(answer.text):
                self._complain(path, f"names {sorted(found)}")
            said = answer.json() if answer.is_success else None
            before, after = after, {"after": said["next"]} if isinstance(said, dict) and said.get("next") else {}
            if not after or after == before:
                return

    async def _get(self, path: str, **params: str) -> Any:
        self.asked += 1
        return await self._desk.ask("GET", path, params=params)

    async def _write(self, act: Act) -> None:
        self.asked += 1
        outcome = await self._desk.write(act, f"stranger-{self.asked}")
        if outcome == "done":
            self._complain(act.path, "was done")

    def _some(self, name: str) -> list[str]:
        there = self._theirs.ids[name]
        return self._draw.sample(there, min(SAMPLE, len(there)))

    def _complain(self, path: str, what: str) -> None:
        self.broken.append(f"S12: {self._me.desk} asked for {path} of {self._theirs.desk}'s: it {what}")


def marks_of(customers: Customers) -> frozenset[str]:
    """What stands in the words of all of them."""
    return frozenset(message.mark for message in customers.sent) | frozenset(customers.answers)


async def ask_each_other(one: Party, other: Party, seed: int) -> tuple[int, list[str]]:
    """How often each asked for what is the other's, and what was wrong."""
    draw = random.Random(seed)
    strangers = (Stranger(one, other, draw), Stranger(other, one, draw))
    for stranger in strangers:
        await stranger.ask()
    return sum(one.asked for one in strangers), [text for one in strangers for text in one.broken]


def check_told(one: Party, other: Party, letters: Iterable[Letter]) -> Iterator[str]:
    """What came by itself, the feed and mail, is its own desk's and names nothing of the other's."""
    for party in (one, other):
        for event in party.events:
            if (event["partitionkey"], event["organisation"]) != (party.desk, party.organisation):
                yield f"S12: the feed of {party.desk} told {event['id']} of {event['partitionkey']}"
        if shared := one.own & other.own:
            yield f"S12: the feeds of both desks name {sorted(shared)[:3]}"
    for letter in letters:
        senders = [party for party in (one, other) if party.mailbox == letter.sender]
        strange = other if senders == [one] else one
        if not senders or strange.named_in(f"{letter.mail['Subject']}\n{letter.text}"):
            yield f"S12: a mail to {letter.to} from {letter.sender} names what is another desk's"
