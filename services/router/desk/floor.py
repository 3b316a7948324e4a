"""The floor: who sits where, what they hold, what waits for whom. All of it derived from rows, nothing saved."""

from collections.abc import Callable
from typing import NamedTuple

from services.router.desk.crews import Crew, can
from services.router.desk.people import Agent
from services.router.desk.queues import Queue, Sort
from services.router.desk.seats import Kind, Seat
from services.router.desk.weights import ALL, Weights
from services.router.desk.work import Work
from shared.clock import Ms
from shared.policy.capacity import Capacity
from shared.policy.team import Team

Found = tuple[tuple[Ms, str], Queue]
"""Key and id of an item that could be given now, and where it waits."""


class Match(NamedTuple):
    """The item that goes next, and to whom."""

    work: str
    agent: str
    queue: Queue


def sort_of(row: Work) -> Sort:
    """The queue an item belongs into."""
    return Sort(row.team, row.kind, row.channel, row.phase, row.asked, row.not_agent)


class Floor:
    """Seats and crews, and hints where something may have become possible.

    Between commands nothing that waits could be given to anybody. So a new match involves a queue that was entered or
    a seat that changed since; only these are looked at, and looking at too many finds nothing more.
    """

    def __init__(self, work: Callable[[str], Work | None], team: Callable[[str], Team]) -> None:
        self.seats: dict[str, Seat] = {}
        self.weights = Weights(Capacity())
        self._work, self._team = work, team
        self._crews: dict[str, Crew] = {}
        self._entered: dict[Queue, None] = {}
        self._changed: dict[str, None] = {}
        self._unlisted: dict[str, None] = {}

    def crew(self, team: str) -> Crew:
        """The team's people and queues."""
        crew = self._crews.get(team)
        if crew is None:
            crew = self._crews[team] = Crew(team, self._team(team))
        return crew

    def put_seat(self, agent: str, row: Agent) -> Seat:
        """The seat is as the row says: new, moved, with other skills."""
        seat = self.seats.get(agent)
        if seat is None:
            seat = self.seats[agent] = Seat(agent, row)
        else:
            self._unlist(seat)
            for crew in self._crews.values():
                crew.members.pop(agent, None)
                crew.leads.pop(agent, None)
            seat.row = row
        seat.homes.clear()
        seat.ranks = {team: min(rank, 1) for rank, team in enumerate(row.teams, start=0 if row.team else 1)}
        for team, rank in seat.ranks.items():
            crew = self.crew(team)
            crew.members[agent] = rank
            if row.leads:
                crew.leads[agent] = None
        self.relist(seat)
        return seat

    def drop_seat(self, agent: str) -> None:
        seat = self.seats.pop(agent)
        self._unlist(seat)
        self._unlisted.pop(agent, None)
        for team in seat.ranks:
            self.crew(team).members.pop(agent, None)
            self.crew(team).leads.pop(agent, None)

    def relist(self, seat: Seat) -> None:
        """Something a strategy or a queue looks at has changed: the lists must follow before they are read again."""
        self._unlisted[seat.agent] = self._changed[seat.agent] = None

    def rehouse(self, seat: Seat) -> None:
        """What they are ready for has changed."""
        seat.homes.clear()
        self.relist(seat)

    def _list_again(self) -> None:
        for agent in self._unlisted:
            seat = self.seats[agent]
            self._unlist(seat)
            if seat.ready:
                if not seat.homes:
                    self._find_homes(seat)
                for team, group in seat.homes.items():
                    group.place(seat, (*self._crews[team].score(seat), agent))
        self._unlisted.clear()

    def _find_homes(self, seat: Seat) -> None:
        skills, channels = seat.row.able, seat.row.channels
        for team, rank in seat.ranks.items():
            seat.homes[team] = self._crews[team].group_for(Kind(rank, skills, channels))

    def _unlist(self, seat: Seat) -> None:
        for _, group, room, entry in seat.places:
            group.remove(room, entry)
        seat.places.clear()

    def weigh(self, work: str, row: Work) -> None:
        """Count what the item takes of the seat that holds it or is offered it."""
        seat = self.seats[row.agent] if row.agent else None
        if seat is None:
            return
        taken = self.weights.taken(row.kind, row.channel, row.phase, seat.capacity)
        before = seat.held.get(work, 0)
        seat.held[work] = taken
        seat.load += taken - before
        self.relist(seat)

    def unload(self, work: str, agent: str) -> None:
        """The seat has nothing to do with the item any more."""
        seat = self.seats[agent]
        seat.load -= seat.held.pop(work)
        self.relist(seat)

    def enter(self, work: str, row: Work) -> None:
        """The item waits as its row says."""
        self.put_in(work, row.key, sort_of(row))

    def put_in(self, work: str, key: Ms, sort: Sort) -> None:
        """The item waits under this key."""
        crew = self.crew(sort.team)
        queue = crew.queues.get(sort)
        if queue is None:
            points = self.weights.points(sort.kind, sort.channel, sort.phase)
            queue = crew.queues[sort] = Queue(sort, points, self._waits)
        queue.enter(key, work)
        self._entered[queue] = None

    def leave(self, row: Work) -> None:
        """The item no longer waits; to be called before its row changes."""
        crew = self.crew(row.team)
        queue = crew.queues[sort_of(row)]
        queue.leave()
        if not queue.length:
            del crew.queues[queue.sort]

    def _waits(self, work: str, key: Ms, sort: Sort) -> bool:
        row = self._work(work)
        return row is not None and row.holding == "queued" and row.key == key and sort_of(row) == sort

    @property
    def unsettled(self) -> bool:
        """Whether there may be a match left that nobody has looked for."""
        return bool(self._entered or self._changed)

    def settle(self) -> None:
        """Nothing that waits can be given to anybody: there is no need to look."""
        self._entered.clear()
        self._changed.clear()

    def next_match(self) -> Match | None:
        """Of all that can be given the item with the lowest key, to whom the team's strategy says. None: nothing can."""
        self._list_again()
        best: Found | None = None
        taker: str | None = None
        for queue in [*self._entered]:
            crew = self.crew(queue.sort.team)
            able = crew.pick(queue) if queue.length and crew.assigns else None
            head = queue.head() if able else None
            if head is None:
                del self._entered[queue]
            elif best is None or head < best[0]:
                best, taker = (head, queue), able
        for agent in [*self._changed]:
            found = self._best_for(agent)
            if found is None:
                del self._changed[agent]
            elif best is None or found[0] < best[0]:
                best, taker = found, None
        if best is None:
            return None
        (_, work), queue = best
        taker = taker or self.crew(queue.sort.team).pick(queue)
        return Match(work, taker, queue) if taker else None

    def _best_for(self, agent: str) -> Found | None:
        """What a ready agent with this room would get."""
        seat = self.seats.get(agent)
        best: Found | None = None
        if seat is None or not seat.places:
            return None
        for team, group, (room, idle), _ in seat.places:
            crew = self._crews[team]
            for queue in crew.queues.values() if crew.assigns else ():
                # the first entry is a bound of the head: most queues need no closer look
                if best is not None and queue.heap[0] >= best[0]:
                    continue
                if queue.points > room or (queue.points == ALL and not idle):
                    continue
                if can(group, queue) and queue.sort.not_agent != agent:
                    head = queue.head()
                    if head is not None and (best is None or head < best[0]):
                        best = head, queue
        return best
