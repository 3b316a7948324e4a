"""What sla's own facts do to its clocks: one row per fact."""

from collections.abc import Callable, Mapping
from typing import Any

from services.sla.rules.recount import carried
from services.sla.rules.timing import elapsed_by, warned_at
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import (
    BREACHED,
    CANCELLED,
    MET,
    NO_POLICY,
    PAUSED,
    PROMISE,
    RUNNING,
    UNPROMISED,
    Clock,
    Ticket,
)
from services.sla.targets import BY_NAME
from shared.catalogue.facts import (
    Fact,
    TargetBreached,
    TargetCancelled,
    TargetFact,
    TargetMet,
    TargetPaused,
    TargetReplanned,
    TargetResumed,
    TargetStarted,
    TargetWarned,
)
from shared.clock import Ms


def evolve(clocks: Clocks, fact: Fact, at: Ms) -> None:
    """Fold one of our facts. It holds from `clocks.effect`: a ticket may catch up with a policy applied earlier."""
    clocks.spent += 1
    if isinstance(fact, TargetFact):
        EVOLVE[type(fact)](clocks, clocks.tickets.change(fact.ticket), fact)


def started(clocks: Clocks, ticket: Ticket, fact: TargetStarted) -> None:
    if fact.target == PROMISE:
        ticket.remember(promised=fact.cycle)
        begun = Clock(PROMISE, fact.cycle, fact.started_at, fact.started_at, due=fact.due_at)
        ticket.clocks = (*ticket.clocks, begun)
        return
    target, prior = BY_NAME[fact.target], ticket.clock(fact.target)
    wait = target.since(ticket)
    # equal times as one object: a hundred thousand clocks are mostly made of times
    wait = wait if wait == fact.started_at else fact.started_at
    run = carried(prior, wait, target, clocks.effect, clocks.plan(ticket)[fact.target])
    begun = Clock(target.name, fact.cycle, wait, wait if run is None else clocks.effect, run or 0, fact.due_at)
    ticket.clocks = (*(clock for clock in ticket.clocks if clock is not prior), begun)


def paused(clocks: Clocks, clock: Clock, fact: TargetPaused) -> None:
    clock.state, clock.elapsed, clock.mark, clock.due = PAUSED, fact.elapsed, clocks.effect, None


def resumed(clocks: Clocks, clock: Clock, fact: TargetResumed) -> None:
    clock.state, clock.elapsed, clock.mark, clock.due = RUNNING, fact.elapsed, clocks.effect, fact.due_at


def replanned(clocks: Clocks, ticket: Ticket, fact: TargetReplanned) -> None:
    """A warning whose moment lies ahead again is armed again."""
    clock = _clock(ticket, fact)
    since = BY_NAME[fact.target].since(ticket)
    clock.wait = clock.wait if since is None else since
    clock.elapsed, clock.mark, clock.due = fact.elapsed, clocks.effect, fact.due_at
    terms = clocks.plan(ticket)[fact.target]
    for place, warning in terms.warnings:
        moment = warned_at(clock, terms, warning)
        if moment is not None and moment > clocks.effect:
            clock.warned &= ~(1 << place)


def warned(clocks: Clocks, clock: Clock, fact: TargetWarned) -> None:
    clock.warned |= 1 << fact.warning


def met(clocks: Clocks, ticket: Ticket, fact: TargetMet) -> None:
    clock = _clock(ticket, fact)
    clock.elapsed = fact.elapsed
    _end(clocks, ticket, clock, MET)


def breached(clocks: Clocks, ticket: Ticket, fact: TargetBreached) -> None:
    if fact.target == PROMISE:
        ticket.remember(tasks=tuple(promised for promised in ticket.past.tasks if promised[1] != fact.cycle))
    _end(clocks, ticket, _clock(ticket, fact), BREACHED)


def cancelled(clocks: Clocks, ticket: Ticket, fact: TargetCancelled) -> None:
    clock, terms = _clock(ticket, fact), clocks.plan(ticket).get(fact.target)
    if terms is not None:
        clock.elapsed = elapsed_by(clock, clocks.effect, terms)
    _end(clocks, ticket, clock, UNPROMISED if fact.cause == NO_POLICY else CANCELLED)


def _end(clocks: Clocks, ticket: Ticket, clock: Clock, state: str) -> None:
    clock.state, clock.mark = state, clocks.effect
    if clock.target == PROMISE:
        ticket.clocks = tuple(other for other in ticket.clocks if other is not clock)


def _clock(ticket: Ticket, fact: Any) -> Clock:
    clock = ticket.clock(fact.target, fact.cycle)
    if clock is None:
        raise LookupError(f"{fact.target} {fact.cycle} of {fact.ticket} has no clock")
    return clock


def _clockwise(row: Callable[[Clocks, Clock, Any], None]) -> Callable[[Clocks, Ticket, Any], None]:
    """A row that looks at its clock alone."""
    return lambda clocks, ticket, fact: row(clocks, _clock(ticket, fact), fact)


EVOLVE: Mapping[type[Fact], Callable[[Clocks, Ticket, Any], None]] = {
    TargetStarted: started,
    TargetPaused: _clockwise(paused),
    TargetResumed: _clockwise(resumed),
    TargetReplanned: replanned,
    TargetWarned: _clockwise(warned),
    TargetMet: met,
    TargetBreached: breached,
    TargetCancelled: cancelled,
}
