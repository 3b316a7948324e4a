"""One desk's clocks: its tickets, the promises in force, and when to look again."""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

from services.sla.rules.plan import NOTHING, Plan, Promises
from services.sla.store.ticket import Profile, Ticket, restore_ticket
from shared.clock import Ms
from shared.policy.policy import Policy
from shared.tables import Table

SPARE = 1_024


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
        self.tickets: Table[Ticket] = Table(self._restore)
        self.editions: Table[Edition] = Table(lambda fields: Edition(**fields))
        self.promises: dict[int, Promises] = {}
        self.edition = 0
        self.time: Ms = 0
        self.sweep: tuple[int, int] | None = None
        """The next and the last slot of the tickets still to be planned with the newest edition."""
        self.asked: Ms = 0
        """The due time of the tick that continues unfinished work: another one after each slice."""
        self.effect: Ms = 0
        """From when on what is being said holds: the fact's own time, or that of a policy a ticket is late for."""
        self.spent = 0
        """Facts said for the record at hand."""
        self._heap: list[tuple[Ms, str]] = []
        self._profiles: dict[Profile, Profile] = {}

    def tables(self) -> dict[str, Table[Any]]:
        return {"tickets": self.tickets, "editions": self.editions}

    def rest(self) -> dict[str, Any]:
        return {"edition": self.edition, "time": self.time, "sweep": self.sweep, "asked": self.asked}

    def restore(self, rest: dict[str, Any]) -> None:
        self.edition, self.time, self.asked = rest["edition"], rest["time"], rest["asked"]
        self.sweep = (rest["sweep"][0], rest["sweep"][1]) if rest["sweep"] else None
        self.promises = {
            int(number): Promises(Policy.model_validate_json(edition.content))
            for number, edition in self.editions.items()
        }
        self._rebuild()

    def _restore(self, fields: dict[str, Any]) -> Ticket:
        fields["profile"] = self.profile(tuple(fields["profile"]))
        return restore_ticket(fields)

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
        self.sweep = (0, self.tickets.next_slot)

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
        if self.tickets[key].timer != moment:
            self.tickets.change(key).timer = moment
            if moment is not None:
                heappush(self._heap, (moment, key))

    def pop_due(self, at: Ms) -> tuple[Ms, str] | None:
        """The earliest moment before `at` and its ticket, whose timer is then to be set again."""
        if self.earliest is None or self.earliest >= at:
            return None
        moment, key = heappop(self._heap)
        self.tickets.change(key).timer = None
        return moment, key

    @property
    def earliest(self) -> Ms | None:
        """The earliest moment anybody waits for. What has been overtaken is dropped on the way."""
        heap, tickets = self._heap, self.tickets
        while heap:
            moment, key = heap[0]
            ticket = tickets.get(key)
            if ticket is not None and ticket.timer == moment:
                return moment
            heappop(heap)
        return None

    @property
    def behind(self) -> bool:
        """Work that is due was left for the next tick."""
        return self.sweep is not None or (self.earliest is not None and self.earliest < self.time)

    def tidy(self) -> None:
        """Keep the heap within twice the tickets, however often clocks are set anew."""
        if len(self._heap) > 2 * len(self.tickets) + SPARE:
            self._rebuild()

    def _rebuild(self) -> None:
        self._heap = [(row.timer, key) for key, row in self.tickets.items() if row.timer is not None]
        heapify(self._heap)
