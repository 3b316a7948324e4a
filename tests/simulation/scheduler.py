"""Drives coroutines one step at a time; which one, and what goes wrong there, is the seed's to say."""

from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

from shared.broker import BrokerUnavailable
from shared.documents import DocumentsUnavailable
from tests.simulation.pauses import Pause, Reached, Rest

UNAVAILABLE: dict[str, type[Exception]] = {"broker": BrokerUnavailable, "documents": DocumentsUnavailable}


@dataclass(frozen=True, slots=True)
class Odds:
    """How often things go wrong, per place reached. `zombie` is the share of crashes after which the old one lives on."""

    crash: float = 0.0
    fail: float = 0.0
    torn: float = 0.0
    zombie: float = 0.0
    spoil: float = 0.0
    """Share of starts that find the checkpoint lost, old or torn."""
    repeat: float = 0.0
    """Share of requests that are delivered more than once."""
    stop: float = 0.0
    """Per turn: a clean stop with a final save."""
    save: float = 0.0
    """Per turn: an extra save."""


CALM = Odds()


class Task:
    """A coroutine under way, and where it stands."""

    def __init__(self, name: str, coroutine: Coroutine[Pause, None, Any], *, fragile: bool = False) -> None:
        self.name = name
        self.fragile = fragile
        """Faults may strike here."""
        self.at: Pause | None = None
        self.over = False
        self._coroutine = coroutine

    def ready(self, now: int) -> bool:
        if self.over:
            return False
        rest = self.at
        return not isinstance(rest, Rest) or rest.until <= now or (rest.ready is not None and rest.ready())

    def step(self, error: Exception | None = None) -> None:
        """Up to the next pause. What the coroutine raises ends the task and goes on to the caller."""
        try:
            self.at = self._coroutine.throw(error) if error else self._coroutine.send(None)
        except StopIteration:
            self.over = True
        except BaseException:
            self.over = True
            raise

    def kill(self) -> None:
        """As a process dies: nothing more happens here."""
        self.over = True
        self._coroutine.close()


@dataclass(slots=True)
class Faults:
    """Draws from the odds, and counts what was drawn."""

    rng: Random
    odds: Odds
    counts: Counter[str] = field(default_factory=Counter)

    def draw(self, kind: str, chance: float) -> bool:
        if chance and self.rng.random() < chance:
            self.counts[kind] += 1
            return True
        return False

    def crashes(self, task: Task) -> bool:
        where = task.at
        if not task.fragile or where is None or not self.odds.crash:
            return False
        name = where.name if isinstance(where, Reached) else "rest"
        return self.draw(f"crash at {name}", self.odds.crash)

    def error(self, task: Task) -> Exception | None:
        """The port the task is calling does not answer."""
        where = task.at
        if (
            isinstance(where, Reached)
            and where.port
            and self.draw(f"{where.port} silent at {where.name}", self.odds.fail)
        ):
            return UNAVAILABLE[where.port](where.name)
        return None
