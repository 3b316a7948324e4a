"""What was done to the house and when: the campaign's own log, from which the report counts."""

import time
from collections import Counter
from dataclasses import dataclass, field

KILLED, AT_POINT, FROZEN, STOPPED, ENDED = "killed", "at a named point", "frozen", "told to stop", "ended by itself"
NODDED, OLDER, NOTICED = "frozen for a moment", "runs another version", "silent until it ended by itself"
BROKER, LEADER, EVERY_NODE = "broker killed", "leader killed", "every node killed"
DATABASE, FULL = "database killed", "disk full"


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing that happened to one part of the house, in milliseconds since 1970."""

    at: int
    what: str
    whom: str
    more: str = ""
    held: bool = False
    """Whether it had the desk's partition, as far as one could see."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one desk suffered while another was watched beside it, in milliseconds since 1970."""

    name: str
    began: int
    ended: int


@dataclass(slots=True)
class Journal:
    """In the order it happened."""

    blows: list[Blow] = field(default_factory=list)
    strikes: Counter[str] = field(default_factory=Counter)
    """By fault."""
    spared: dict[str, str] = field(default_factory=dict)
    """By fault that could not strike: why."""
    lengths: dict[str, list[float]] = field(default_factory=dict)
    """By fault: seconds of each strike."""
    troubles: list[Trouble] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    """Seconds from a start until the process was ready."""
    points: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(point, service) of every death at a named point."""

    def note(self, what: str, whom: str, more: str = "", *, held: bool = False) -> Blow:
        blow = Blow(time.time_ns() // 1_000_000, what, whom, more, held)
        self.blows.append(blow)
        return blow

    def of(self, *what: str) -> list[Blow]:
        return [blow for blow in self.blows if blow.what in what]

    @property
    def service_kills(self) -> int:
        return len(self.of(KILLED, AT_POINT))

    def struck(self, point: str) -> int:
        """How often anybody died there."""
        return sum(count for (name, _), count in self.points.items() if name == point)
