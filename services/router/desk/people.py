"""Agents, customers and contact points as rows. Customers and contact points of whom nothing is known have no row."""

from dataclasses import dataclass
from typing import Literal

from services.router.desk.needs import Needs, one_object, read_needs
from shared.clock import Ms
from shared.policy.terms import Channel, WorkKind
from shared.tables import Shape

LEADING = ("lead", "manager", "admin")


@dataclass(slots=True, kw_only=True)
class Agent:
    """A seat. `until` is when a not ready agent's waiting work is pulled back, `away_since` when their reason began.

    `turn` numbers the last work they were given, `idle_since` dates it (or when they became ready, whichever is later);
    `shift_mark` is up to when ended shifts have been dealt with; `leaving`: the seat is removed, its work not all yet.
    """

    slot: int = -1
    role: str
    language: str
    capacity: int
    team: str | None
    secondary_teams: tuple[str, ...] = ()
    skills: Needs = ()
    state: Literal["ready", "not_ready"] = "not_ready"
    channels: tuple[Channel, ...] = ()
    reason: str = "offline"
    until: Ms | None = None
    away_since: Ms = 0
    shifts: tuple[tuple[Ms, Ms], ...] = ()
    shift_mark: Ms = 0
    turn: int = 0
    idle_since: Ms = 0
    leaving: bool = False

    @property
    def teams(self) -> tuple[str, ...]:
        """All teams, the primary one first."""
        return tuple(dict.fromkeys([*([self.team] if self.team else []), *self.secondary_teams]))

    @property
    def able(self) -> Needs:
        """Skills with what the role adds."""
        return one_object(tuple(sorted([*self.skills, ("role:lead", 5)]))) if self.leads else self.skills

    @property
    def leads(self) -> bool:
        return self.role in LEADING and not self.leaving

    def is_there_for(self, kind: WorkKind, channel: Channel) -> bool:
        """Whether they are ready for such work; tasks belong to no channel. Their room is not asked: what returns, returns."""
        return self.state == "ready" and (kind is WorkKind.TASK or not self.channels or channel in self.channels)


@dataclass(slots=True, kw_only=True)
class Customer:
    """A person of whom something is known; `into` is set when the record became part of another."""

    slot: int = -1
    tier: str | None = None
    account: str | None = None
    language: str | None = None
    into: str | None = None


@dataclass(slots=True, kw_only=True)
class ContactPoint:
    """An address or number with a history. `customer` overrules whom it belongs to by itself.

    `renewals` counts how often it was taken from somebody: the next stranger behind it is another person.
    """

    slot: int = -1
    customer: str | None = None
    renewals: int = 0
    blocked: bool = False
    opted_out: tuple[str, ...] = ()
    unreachable: bool = False


def _read_channels(saved: list[str]) -> tuple[Channel, ...]:
    return tuple(Channel(channel) for channel in saved)


AGENT = Shape(Agent, {"skills": read_needs, "channels": _read_channels})
CUSTOMER = Shape(Customer)
CONTACT_POINT = Shape(ContactPoint)
