"""One desk's clocks: its tickets, the promises in force, and when to look again."""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

from services.sla.rules.plan import NOTHING, Plan, Promises
from services.sla.store.ticket import PARTS, READ, Profile, Ticket
from shared.clock import Ms
from shared.policy.policy import Policy
from shared.tables import Shape, Table

SPARE = 1_024
"""Overtaken timers that are never worth clearing away."""
SLOTS = 40
"""Bits of a slot. A timer is one number, moment before slot: half the room of a pair, and of equals the eldest first."""


@dataclass(slots=True)
class Edition:
    """The promises in force since a time: a policy, numbered anew whenever what it promises differs from before."""

    slot: int
    since: Ms
    content: str


class Clocks:
    """The state of a desk. The heap of timers has one living entry per ticket; it is derived, never saved."""

    def __init__(self, desk: str, organisation: str) -> None:
        self.desk, self.organisation = desk, organisation
        self.tickets: Table[Ticket] = Table(Shape(Ticket, {**READ, "profile": self._read_profile}, PARTS), resting=True)
        self.editions: Table[Edition] = Table(Shape(Edition))
        self.promises: dict[int, Promises] = {}
        self.edition = 0
        self.time: Ms = 0
        self.sweep: int | None = None
        """The bucket of tickets where planning with the newest edition goes on."""
        self.asked: Ms = 0
        """The due time of the tick that continues unfinished work: another one after each slice."""
        self.effect: Ms = 0
        """From when on what is being said holds: the fact's own time, or that of a policy a ticket is late for."""
        self.spent = 0
        """Facts said for the record at hand."""
        self.visits = 0
        """Tickets looked at for it ahead of their turn."""
        self._heap: list[int] = []
        self._front: tuple[Ms, str] | None = None
        self._profiles: dict[Profile, Profile] = {}

    def tables(self) -> dict[str, Table[Any]]:
        return {"tickets": self.tickets, "editions": self.editions}

    def rest(self) -> dict[str, Any]:
        return {"edition": self.edition, "time": self.time, "sweep": self.sweep, "asked": self.asked}

    def restore(self, rest: dict[str, Any]) -> None:
        self.edition, self.time, self.sweep, self.asked = rest["edition"], rest["time"], rest["sweep"], rest["asked"]
        self.promises = {
            int(number): Promises(Policy.model_validate_json(edition.content))
            for number, edition in self.editions.items()
        }
        self._rebuild()

    def _read_profile(self, saved: list[str]) -> Profile:
        return self.profile(tuple(saved))

    def profile(self, profile: Profile) -> Profile:
        """The one object for all tickets of this profile. As many as there are combinations in use."""
        return self._profiles.setdefault(profile, profile)

    def plan(self, ticket: Ticket) -> Plan:
        """What is promised to this ticket, by target."""
        promises = self.promises.get(ticket.edition)
        return promises.to(ticket.profile) if promises else NOTHING

    def publish(self, policy: Policy, since: Ms) -> None:
        """Begin an edition. Without any ticket to plan anew there is nothing to sweep."""
        self.edition += 1
        self.editions.add(str(self.edition), Edition(0, since, policy.model_dump_json()))
        self.promises[self.edition] = Promises(policy)
        self.sweep = 0

    def amend(self, policy: Policy) -> None:
        """A newer policy that promises just the same: only its version differs."""
        self.editions.change(str(self.edition)).content = policy.model_dump_json()
        self.promises[self.edition] = Promises(policy)

    def finish_sweep(self) -> None:
        """All tickets are planned with the newest edition; the others are history."""
        self.sweep = None
        for number in [number for number in self.promises if number < self.edition]:
            self.editions.remove(str(number))
            del self.promises[number]

    def set_timer(self, key: str, moment: Ms | None) -> None:
        """Look at this ticket after `moment`, and not before."""
        ticket = self.tickets[key]
        if ticket.timer != moment:
            ticket = self.tickets.change(key)
            if self._heap and ticket.timer is not None and self._heap[-1] == ticket.timer << SLOTS | ticket.slot:
                # the usual case: a ticket has just been opened and now its first message tightens the timer
                self._heap.pop()
            ticket.timer, self._front = moment, None
            if moment is not None:
                heappush(self._heap, moment << SLOTS | ticket.slot)

    def pop_due(self, at: Ms) -> tuple[Ms, str] | None:
        """The earliest moment before `at` and its ticket, whose timer is then to be set again."""
        front = self._first()
        if front is None or front[0] >= at:
            return None
        heappop(self._heap)
        self.tickets.change(front[1]).timer = self._front = None
        self.visits += 1
        return front

    @property
    def earliest(self) -> Ms | None:
        """The earliest moment anybody waits for."""
        front = self._first()
        return None if front is None else front[0]

    def _first(self) -> tuple[Ms, str] | None:
        """The front of the heap, remembered until a timer changes; what has been overtaken is dropped on the way."""
        while self._front is None and self._heap:
            moment, slot = self._heap[0] >> SLOTS, self._heap[0] & (1 << SLOTS) - 1
            key = self.tickets.key_of(slot)
            if key is not None and self.tickets[key].timer == moment:
                self._front = moment, key
            else:
                heappop(self._heap)
        return self._front

    @property
    def behind(self) -> bool:
        """Work that is due was left for the next tick."""
        return self.sweep is not None or (self.earliest is not None and self.earliest < self.time)

    def tidy(self) -> None:
        """Keep the heap within twice the tickets, however often clocks are set anew."""
        if len(self._heap) > 2 * len(self.tickets) + SPARE:
            self._rebuild()

    def _rebuild(self) -> None:
        rows = self.tickets.select("timer", "slot")
        self._heap = [timer << SLOTS | slot for _, timer, slot in rows if timer is not None]
        heapify(self._heap)
        self._front = None
