"""Whatever happens in whatever order: one verdict per cycle, a function of the log, however it was ticked and cut."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sla.store.clocks import Clocks
from shared.catalogue.facts import (
    Fact,
    TargetBreached,
    TargetCancelled,
    TargetFact,
    TargetMet,
    TargetStarted,
)
from shared.clock import HOUR, MINUTE, Ms
from shared.decider import Decider
from shared.policy.policy import Policy
from shared.policy.terms import Priority, Status
from tests.unit.sla.driving import Sla, replayed, saved
from tests.unit.sla.policies import MONDAY, plain, policy

pytestmark = pytest.mark.slow

TICKETS = ("a", "b", "c")
POLICIES: tuple[Callable[[], Policy], ...] = (
    policy,
    lambda: policy(calendar="office"),
    lambda: plain("2h", "always", "next_reply", "resolution"),
    lambda: plain("20m", "office", "resolution"),
)
Deed = tuple[str, str, str, int]
"""What, to which ticket, with which other one, and a number to choose with."""
DEEDS = (
    "write", "write", "thank", "reply", "reply", "acknowledge", "bounce", "open", "pending", "on_hold", "resolved",
    "spam", "no_spam", "urgent", "normal", "low", "night", "front", "merge", "unmerge", "split", "promise", "complete",
    "policy",
)  # fmt: skip
STEP = st.tuples(
    st.integers(0, 90), st.sampled_from(DEEDS), st.sampled_from(TICKETS), st.sampled_from(TICKETS), st.integers(0, 9)
)
SCRIPTS = st.lists(STEP, max_size=30)
TICKS = st.lists(st.integers(0, 60 * 45), max_size=40)
END = MONDAY + 30 * 24 * HOUR
VERDICTS = (TargetMet, TargetBreached, TargetCancelled)
STATUSES = {"open": Status.OPEN, "pending": Status.PENDING, "on_hold": Status.ON_HOLD, "resolved": Status.RESOLVED}
PRIORITIES = {"urgent": Priority.URGENT, "normal": Priority.NORMAL, "low": Priority.LOW}


class Desk:
    """Turns a script into the facts a router could say: no merge into itself, no unmerge of what was not merged."""

    def __init__(self, sla: Sla) -> None:
        self.sla = sla
        self.host: dict[str, str] = {}
        self.splits = 0
        self.policies = 0

    def home(self, ticket: str) -> str:
        while ticket in self.host:
            ticket = self.host[ticket]
        return ticket

    def do(self, what: str, ticket: str, other: str, number: int) -> None:
        sla, ticket, other = self.sla, self.home(ticket), self.home(other)
        if what in STATUSES:
            sla.turn(STATUSES[what], ticket)
        elif what in PRIORITIES:
            sla.prioritise(PRIORITIES[what], ticket)
        elif what in {"night", "front"}:
            sla.route(what, ticket)
        elif what in {"merge", "unmerge"}:
            self._regroup(what, ticket, other, number)
        elif what == "policy" and self.policies < 3:
            self.policies += 1
            sla.policy(POLICIES[number % len(POLICIES)](), 1 + self.policies)
        else:
            self._write(what, ticket, number)

    def _write(self, what: str, ticket: str, number: int) -> None:
        sla = self.sla
        if what in {"write", "thank"}:
            sla.write(ticket, sla.now - number * MINUTE, thanks=what == "thank")
        elif what in {"reply", "acknowledge"}:
            sla.reply(ticket, automatic=what == "acknowledge")
        elif what == "bounce":
            sla.bounce(f"m{max(1, sla.messages - number)}", ticket)
        elif what == "split":
            self.splits += 1
            sla.split(f"m{max(1, sla.messages - number)}", f"split{self.splits}", ticket, sla.now - number * MINUTE)
        elif what in {"spam", "no_spam"}:
            sla.spam(spam=what == "spam", ticket=ticket)
        elif what == "promise":
            sla.promise(f"task{number}", sla.now + number * 37 * MINUTE, ticket)
        elif what == "complete":
            sla.complete(f"task{number}", ticket)

    def _regroup(self, what: str, ticket: str, other: str, number: int) -> None:
        if what == "merge" and ticket != other:
            self.host[ticket] = other
            facts: list[Callable[[], Sla]] = [
                lambda: self.sla.merge(ticket, other),
                lambda: self.sla.move(f"{ticket}-talk", other, ticket),
            ]  # fmt: skip
        elif what == "unmerge" and (guest := next((one for one in TICKETS if self.host.get(one) == ticket), None)):
            del self.host[guest]
            facts = [
                lambda: self.sla.unmerge(guest, ticket),
                lambda: self.sla.move(f"{guest}-talk", guest, ticket),
            ]
        else:
            return
        for fact in facts if number % 2 else reversed(facts):
            fact()


Step = tuple[int, str, str, str, int]


def run(script: Sequence[Step], ticks: Iterable[int] = (), *, punctual: bool = False) -> Sla:
    """The script with ticks at these minutes beside it, or whenever wanted; then all time that is needed."""
    sla = Sla(MONDAY).policy(policy())
    for ticket in TICKETS:
        sla.open(ticket)
    desk, waiting = Desk(sla), sorted(ticks)
    for wait, what, ticket, other, number in script:
        then = sla.now + wait * MINUTE
        while waiting and MONDAY + waiting[0] * MINUTE <= then:
            sla.silently(max(sla.now, MONDAY + waiting.pop(0) * MINUTE)).tick()
        sla = sla.at(then) if punctual else sla.silently(then)
        desk.do(what, ticket, other, number)
    return sla.at(END) if punctual else sla.silently(END).tick().later(0)


def judged(sla: Sla) -> set[tuple[str, str, int, str, Ms | str | None]]:
    """Every verdict with what it says of time or cause."""
    found: set[tuple[str, str, int, str, Ms | str | None]] = set()
    for _, fact in sla.facts:
        if isinstance(fact, TargetMet):
            found.add((fact.ticket, fact.target, fact.cycle, "met", fact.stopped_at))
        elif isinstance(fact, TargetBreached):
            found.add((fact.ticket, fact.target, fact.cycle, "breached", fact.due_at))
        elif isinstance(fact, TargetCancelled):
            found.add((fact.ticket, fact.target, fact.cycle, "cancelled", fact.cause))
    return found


@given(SCRIPTS, TICKS)
def test_late_repeated_and_early_ticks_change_no_verdict(script: list[Step], ticks: list[int]) -> None:
    punctual = judged(run(script, punctual=True))
    assert judged(run(script)) == punctual
    assert judged(run(script, [*ticks, *ticks[:5]])) == punctual


@given(SCRIPTS, st.booleans())
def test_every_cycle_starts_once_and_ends_in_exactly_one_verdict(script: list[Step], punctual: bool) -> None:
    sla = run(script, punctual=punctual)
    for ticket in list(sla.state.tickets):
        if ticket in sla.state.tickets:
            sla.turn(Status.CLOSED, ticket)
    facts = [fact for _, fact in sla.facts if isinstance(fact, TargetFact)]
    cycles = Counter(cycle_of(fact) for fact in facts if isinstance(fact, TargetStarted))
    ends = Counter(cycle_of(fact) for fact in facts if isinstance(fact, VERDICTS))
    left = {cycle_of(fact) for fact in facts if merged_away(sla, fact)}
    assert set(cycles.values()) <= {1}
    assert set(ends.values()) <= {1}
    assert set(ends) | left == set(cycles)
    assert len({fact.verdict for fact in facts if isinstance(fact, VERDICTS)}) == len(ends)
    assert_dense(cycles)
    assert_silent_after_verdict(facts)


def merged_away(sla: Sla, fact: TargetFact) -> bool:
    return fact.ticket in sla.state.tickets and sla.state.tickets[fact.ticket].void


def cycle_of(fact: TargetFact) -> tuple[str, str, int]:
    return fact.ticket, fact.target, fact.cycle


def assert_dense(cycles: Iterable[tuple[str, str, int]]) -> None:
    numbers = defaultdict(list)
    for ticket, target, cycle in cycles:
        numbers[ticket, target].append(cycle)
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())


def assert_silent_after_verdict(facts: Iterable[TargetFact]) -> None:
    open_cycles: set[tuple[str, str, int]] = set()
    for fact in facts:
        if isinstance(fact, TargetStarted):
            open_cycles.add(cycle_of(fact))
        assert cycle_of(fact) in open_cycles, f"{fact.TYPE} after the verdict or before the start"
        if isinstance(fact, VERDICTS):
            open_cycles.remove(cycle_of(fact))


@given(SCRIPTS, st.integers(0, 60), st.booleans())
def test_a_checkpoint_and_the_tail_say_what_the_whole_log_says(script: list[Step], cut: int, punctual: bool) -> None:
    sla = run(script, punctual=punctual)
    cut = min(cut, len(sla.log))
    whole = saved(sla.fold)
    fold = saved_after(sla, cut)
    said = list(replayed(sla.log[cut:], fold))
    assert said == sla.outputs[len(sla.outputs) - len(said) :]
    assert chunks(fold) == chunks(sla.fold) == chunks(whole)
    assert fold.timers() == sla.fold.timers() == whole.timers()


def saved_after(sla: Sla, cut: int) -> Decider[Clocks]:
    half = Sla(MONDAY)
    for record in sla.log[:cut]:
        half.take(record)
    return saved(half.fold)


def chunks(fold: Decider[Clocks]) -> dict[str, bytes | None]:
    """Everything a fold knows, whether or not it changed since it was saved."""
    fold.unsaved()
    return dict(fold.save())


@given(SCRIPTS)
def test_a_record_yields_at_most_a_hundred_facts(script: list[Step]) -> None:
    assert max(run(script).slices) <= 100


@given(SCRIPTS)
def test_no_deadline_is_told_that_the_clock_does_not_keep(script: list[Step]) -> None:
    """What the facts told last about a clock is what it goes by."""
    sla = run(script, punctual=True)
    told: dict[tuple[str, str, int], Ms | None] = {}
    fact: Fact
    for _, fact in sla.facts:
        if isinstance(fact, TargetFact) and "due_at" in type(fact).model_fields:
            told[cycle_of(fact)] = getattr(fact, "due_at")  # noqa: B009 (not all of them have one)
    for key, ticket in sla.state.tickets.items():
        for clock in ticket.clocks:
            if clock.running:
                assert told[key, clock.target, clock.cycle] == clock.due
