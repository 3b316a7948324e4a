"""The resolution clock against a second opinion that counts minutes one by one and shares no code with it."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue.facts import TargetBreached, TargetMet
from shared.clock import MINUTE
from shared.policy.policy import Policy
from shared.policy.terms import Status
from tests.unit.sla.driving import Sla
from tests.unit.sla.policies import MONDAY, policy

pytestmark = pytest.mark.slow

DAY_MINUTES, OPENS, CLOSES, WEEK = 1_440, 540, 1_020, 7
WORKDAYS = 5
Deed = tuple[str, str]
DEEDS: tuple[Deed, ...] = (
    ("turn", "pending"), ("turn", "on_hold"), ("turn", "open"), ("write", ""), ("thank", ""), ("reply", ""),
    ("acknowledge", ""), ("route", "night"), ("route", "front"), ("nothing", ""),
)  # fmt: skip
SCRIPTS = st.lists(st.tuples(st.integers(0, 900), st.sampled_from(DEEDS)), max_size=14)


def terms(budget: int, *, hold: bool) -> Policy:
    """Business minutes of an office open from nine to five, Monday to Friday; the team `night` never closes."""
    return policy(
        f"sla:\n  - id: one\n    pause_on_hold: {str(hold).lower()}\n    targets: {{resolution: {{within: {budget}m}}}}\n",
        "office",
    )


@dataclass
class MinuteCounter:
    """Counts a minute when it is open and the ticket waits for us. `minute` 0 is nine o'clock on a Monday."""

    budget: int
    hold: bool
    minute: int = 0
    count: int = 0
    status: str = "new"
    answered: bool = False
    night: bool = False
    due: int | None = None

    @property
    def running(self) -> bool:
        paused = (self.status == "pending" and self.answered) or (self.status == "on_hold" and self.hold)
        return not paused

    def is_open(self, minute: int) -> bool:
        day, of_day = divmod(minute + OPENS, DAY_MINUTES)
        return self.night or (day % WEEK < WORKDAYS and OPENS <= of_day < CLOSES)

    def walk_to(self, minute: int) -> bool:
        """False once the budget ran out before `minute`; `due` then says when."""
        if self.running:
            if self.count >= self.budget:
                self.due = self.minute
            else:
                self._count_to(minute)
            if self.due is not None and self.due < minute:
                return False
            self.due = None
        self.minute = minute
        return True

    def _count_to(self, end: int) -> None:
        for minute in range(self.minute, end):
            self.count += self.is_open(minute)
            if self.count == self.budget:
                self.due = minute + 1
                return

    def take(self, deed: Deed) -> None:
        match deed:
            case ("turn", status):
                self.status = status
            case ("write", _):
                self.answered = False
            case ("reply", _):
                self.answered = True
            case ("route", team):
                self.night = team == "night"
            case _:
                pass


def do(sla: Sla, deed: Deed) -> None:
    match deed:
        case ("turn", status):
            sla.turn(Status(status))
        case ("write", _):
            sla.write()
        case ("thank", _):
            sla.write(thanks=True)
        case ("reply", _):
            sla.reply()
        case ("acknowledge", _):
            sla.reply(automatic=True)
        case ("route", team):
            sla.route(team)
        case _:
            sla.tick()


@given(SCRIPTS, st.integers(1, 700), st.booleans(), st.integers(1, 3_000), st.booleans())
def test_it_is_due_when_the_minutes_are_used_up_and_not_before(
    script: list[tuple[int, Deed]], budget: int, hold: bool, rest: int, ticking: bool
) -> None:
    counter = MinuteCounter(budget, hold)
    sla = Sla(MONDAY).policy(terms(budget, hold=hold)).open()
    in_time, minute = True, 0
    for wait, deed in [*script, (rest, ("turn", "resolved"))]:
        minute += wait
        in_time = in_time and counter.walk_to(minute)
        counter.take(deed)
        sla = sla.at(MONDAY + minute * MINUTE) if ticking else sla.silently(MONDAY + minute * MINUTE)
        do(sla, deed)
    breached, met = sla.said(TargetBreached), sla.said(TargetMet)
    if in_time:
        assert breached == []
        assert [fact.elapsed for fact in met] == [counter.count * MINUTE]
    else:
        assert met == []
        assert [fact.due_at for fact in breached] == [MONDAY + (counter.due or 0) * MINUTE]
