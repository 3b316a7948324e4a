"""Drives coroutines one step at a time; which one, and what goes wrong there, is the seed's to say."""

from collections import Counter
from collections.abc import Coroutine, Generator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from shared.broker import BrokerUnavailable
from shared.documents import DocumentsUnavailable
from tests.simulation.pauses import Pause, Reached, Rest

NEVER = 1 << 62
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
        self._result: Any = None

    def ready(self, now: int) -> bool:
        if self.over:
            return False
        rest = self.at
        return not isinstance(rest, Rest) or rest.until <= now or (rest.ready is not None and rest.ready())

    def step(self, error: Exception | None = None) -> None:
        """Up to the next pause. What the coroutine raises ends the task and goes on to the caller."""
        try:
            self.at = self._coroutine.throw(error) if error else self._coroutine.send(None)
        except StopIteration as end:
            self.over, self._result = True, end.value
        except BaseException:
            self.over = True
            raise

    def done(self) -> bool:
        return self.over

    def __await__(self) -> Generator[Any, Any, Any]:
        """What the coroutine returns, for a coroutine that waits for it."""
        while not self.over:
            yield Rest(NEVER, lambda: self.over)
        return self._result

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
    most: float = 0.0
    """The largest chance of anything at a place: most places are decided by one draw."""
    crashes_left: int = 15
    """Each death may send a whole log again; beyond some a run only gets longer."""

    def __post_init__(self) -> None:
        self.most = max(self.odds.crash, self.odds.fail, self.odds.torn, self.odds.stop)

    def end(self) -> None:
        """Nothing goes wrong any more."""
        self.odds, self.most = CALM, 0.0

    def draw(self, kind: str, chance: float) -> bool:
        if chance and self.rng.random() < chance:
            self.counts[kind] += 1
            return True
        return False

    def given(self, kind: str, chance: float) -> bool:
        """As `draw`, after a draw against the largest chance of all went against us."""
        return self.draw(kind, chance / self.most) if self.most else False

    def crashes(self, task: Task) -> bool:
        where = task.at
        if not task.fragile or where is None or not self.odds.crash or not self.crashes_left:
            return False
        crash = self.given(f"crash at {where.name if isinstance(where, Reached) else 'rest'}", self.odds.crash)
        self.crashes_left -= crash
        return crash

    def tears(self, task: Task) -> bool:
        where = task.at
        return isinstance(where, Reached) and where.name == "append" and self.given("append torn", self.odds.torn)

    def stops(self) -> bool:
        return self.given("clean stop", self.odds.stop)

    def error(self, task: Task) -> Exception | None:
        """The port the task is calling does not answer."""
        where = task.at
        if (
            isinstance(where, Reached)
            and where.port
            and self.given(f"{where.port} silent at {where.name}", self.odds.fail)
        ):
            return UNAVAILABLE[where.port](where.name)
        return None

    def client_error(self, task: Task) -> Exception | None:
        """As `error`, for those outside."""
        return self.error(task) if self.most and self.rng.random() < self.most else None
