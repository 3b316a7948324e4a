"""Brings a ticket's clocks in line with what is owed: starts, ends, pauses, resumes and moves them."""

from collections.abc import Iterator

from services.sla.rules.plan import Terms
from services.sla.rules.promises import settle_promises
from services.sla.rules.recount import cap_of, carried, due_now, recount
from services.sla.rules.timing import due_at, elapsed_by, next_moment
from services.sla.rules.verdicts import cancelled, met
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import BREACHED, Clock, Ticket
from services.sla.targets import TARGETS, Target
from shared.catalogue.facts import Fact, TargetPaused, TargetResumed, TargetStarted
from shared.clock import Ms


def settle(clocks: Clocks, key: str, happening: str, at: Ms, *, newly_promised: bool = False) -> Iterator[Fact]:
    """Say what `happening` did to the ticket's clocks. A promise made only now counts from now, not from the past."""
    plan = clocks.plan(clocks.tickets[key])
    for target in TARGETS:
        terms = plan.get(target.name)
        if terms is not None:
            yield from _settle(clocks, key, target, terms, happening, at, newly_promised=newly_promised)
    yield from settle_promises(clocks, key, happening, at)
    set_timer(clocks, key)


def set_timer(clocks: Clocks, key: str) -> None:
    """Look at the ticket again when its next clock warns or is due."""
    ticket = clocks.tickets[key]
    plan = clocks.plan(ticket)
    moments = (next_moment(clock, plan[clock.target]) for clock in ticket.clocks if clock.running)
    clocks.set_timer(key, min((moment for moment in moments if moment is not None), default=None))


def _settle(
    clocks: Clocks, key: str, target: Target, terms: Terms, happening: str, at: Ms, *, newly_promised: bool
) -> Iterator[Fact]:
    ticket = clocks.tickets[key]
    owed = target.since(ticket)
    clock = ticket.clock(target.name)
    if clock is not None and clock.open:
        if owed is None or (owed != clock.wait and happening == target.kept_by):
            kept = happening == target.kept_by
            yield met(key, clock, at, elapsed_by(clock, at, terms)) if kept else cancelled(key, clock, happening)
        else:
            yield from _adjust(key, ticket, target, clock, terms, owed, happening, at)
            return
    if owed is not None and not _judged(ticket, clock, owed):
        if newly_promised and carried(clock, owed, target, at, terms) is None:
            owed = max(owed, at)
            late = dict(ticket.past.late) | {target.name: owed}
            clocks.tickets.change(key).remember(late=(*late.items(),))
        yield _start(key, ticket, target, terms, owed, at)
        begun = ticket.clock(target.name)
        if begun is not None and target.pause and (cause := target.pause(ticket, terms)):
            yield _pause(key, begun, terms, cause, at)


def _judged(ticket: Ticket, clock: Clock | None, owed: Ms) -> bool:
    """A wait found late has its verdict: nothing more can be broken until somebody answers it."""
    return clock is not None and clock.state == BREACHED and (clock.wait == owed or clock.wait in ticket.waits[::2])


def _start(key: str, ticket: Ticket, target: Target, terms: Terms, owed: Ms, at: Ms) -> TargetStarted:
    prior = ticket.clock(target.name)
    run = carried(prior, owed, target, at, terms)
    due = due_at(owed, owed if run is None else at, run or 0, terms, cap_of(ticket, target))
    return TargetStarted(
        ticket=key, target=target.name, cycle=prior.cycle + 1 if prior else 1, started_at=owed,
        due_at=due, budget=terms.budget or 0, calendar=terms.calendar, sla_policy=terms.policy, policy_version=terms.version,
    )  # fmt: skip


def _adjust(
    key: str, ticket: Ticket, target: Target, clock: Clock, terms: Terms, owed: Ms, happening: str, at: Ms
) -> Iterator[Fact]:
    cause = target.pause(ticket, terms) if target.pause else None
    if cause and clock.running:
        yield _pause(key, clock, terms, cause, at)
    elif cause:
        return
    elif not clock.running:
        due = due_at(clock.wait, at, clock.elapsed, terms)
        yield TargetResumed(ticket=key, target=target.name, cycle=clock.cycle, elapsed=clock.elapsed, due_at=due)
    elif owed != clock.wait or clock.due != due_now(clock, ticket, target, terms):
        yield recount(key, ticket, target, clock, terms, owed, happening, at)


def _pause(key: str, clock: Clock, terms: Terms, cause: str, at: Ms) -> TargetPaused:
    run = elapsed_by(clock, at, terms)
    return TargetPaused(ticket=key, target=clock.target, cycle=clock.cycle, elapsed=run, cause=cause)
