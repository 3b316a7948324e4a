"""Seats: agents as assignment sees them. Nothing here is saved: load is derived from ownership (R7)."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import NamedTuple

from services.router.desk.needs import Needs
from services.router.desk.people import Agent
from services.router.desk.weights import ALL
from shared.clock import Ms
from shared.policy.terms import Channel

Entry = tuple[int, int, str]
"""A strategy's score and the agent's id, so that equals go by id."""


@dataclass(slots=True)
class Seat:
    """An agent's load, and where they stand in the lists of who is ready."""

    agent: str
    row: Agent
    load: int = 0
    held: dict[str, int] = field(default_factory=dict)
    """Work item → what it takes, in order of assignment; offers take room too."""
    ranks: dict[str, int] = field(default_factory=dict)
    """Team → rank in it, the primary one (0) first."""
    homes: "dict[str, Group]" = field(default_factory=dict)
    """Team → the group a ready seat belongs to; empty until it is looked for."""
    places: "list[tuple[str, Group, Room, Entry]]" = field(default_factory=list)
    """Where a ready seat is listed, by team."""

    @property
    def capacity(self) -> int:
        return self.row.capacity

    @property
    def turn(self) -> int:
        return self.row.turn

    @property
    def idle_since(self) -> Ms:
        return self.row.idle_since

    @property
    def ready(self) -> bool:
        return self.row.state == "ready" and not self.row.leaving and self.row.capacity > 0

    @property
    def room(self) -> "Room":
        return self.row.capacity - self.load, self.load == 0

    def has_room(self, points: int) -> bool:
        """Whether work of these points fits beside what they have."""
        return fits_in(self.room, points)


Room = tuple[int, bool]
"""Points left, and whether the seat holds nothing that weighs."""


def fits_in(room: Room, points: int) -> bool:
    """Whether work of these points fits into the room."""
    return room[1] if points == ALL else points <= room[0]


class Kind(NamedTuple):
    """What members of a group have in common: rank in the team (0 primary), skills, channels they are ready on."""

    rank: int
    skills: Needs
    channels: tuple[Channel, ...]


@dataclass(slots=True, eq=False)
class Group:
    """Ready members of a team of one kind: per room left, a list in order of the team's strategy.

    `number` is the kind's, for whoever remembers something of it; only a group with somebody in it is `listed`.
    """

    team: str
    kind: Kind
    number: int
    listed: "dict[int, Group]"
    ready: dict[Room, list[Entry]] = field(default_factory=dict)

    def place(self, seat: Seat, entry: Entry) -> None:
        """List a seat."""
        room = seat.room
        entries = self.ready.get(room)
        if entries is None:
            self.listed[self.number] = self
            entries = self.ready[room] = []
        insort(entries, entry)
        seat.places.append((self.team, self, room, entry))

    def remove(self, room: Room, entry: Entry) -> None:
        """Take a listed seat out."""
        entries = self.ready[room]
        del entries[bisect_left(entries, entry)]
        if not entries:
            del self.ready[room]
            if not self.ready:
                del self.listed[self.number]
