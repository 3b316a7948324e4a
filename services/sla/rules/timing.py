"""A clock's arithmetic: what has elapsed, when it is due, when to look at it next."""

from services.sla.business_hours import deadline, elapsed
from services.sla.rules.plan import Terms
from services.sla.store.ticket import Clock
from shared.clock import Ms
from shared.policy.sla import EarlyWarning


def elapsed_by(clock: Clock, at: Ms, terms: Terms) -> Ms:
    """What has run by `at`, in the segment since `mark` counted in the calendar of `terms`."""
    return clock.elapsed + (elapsed(clock.mark, at, terms.hours) if clock.running else 0)


def due_at(wait: Ms, mark: Ms, run: Ms, terms: Terms, cap: Ms | None = None) -> Ms | None:
    """When a clock is due of which `run` has elapsed by `mark`: the earliest of the budget's end, the wall limit and
    a merged ticket's deadline. Never before `mark`: nobody can keep a promise in the past."""
    budget = terms.budget if terms.budget is not None else 0
    limits = (
        deadline(mark, budget - run, terms.hours),
        None if terms.at_latest is None else max(mark, wait + terms.at_latest),
        None if cap is None else max(mark, cap),
    )
    return min((limit for limit in limits if limit is not None), default=None)


def warned_at(clock: Clock, terms: Terms, warning: EarlyWarning) -> Ms | None:
    """When this warning's moment is. Where a wall limit comes before the budget's end, it is a share of the way to it."""
    if clock.due is None:
        return None
    if terms.budget is not None and clock.due == deadline(clock.mark, terms.budget - clock.elapsed, terms.hours):
        return deadline(clock.mark, warning.elapsed(terms.budget) - clock.elapsed, terms.hours)
    return clock.wait + warning.elapsed(max(0, clock.due - clock.wait))


def next_moment(clock: Clock, terms: Terms) -> Ms | None:
    """The clock's next warning, or its due time; None where it waits for nothing."""
    if not clock.running or clock.due is None:
        return None
    moment = clock.due
    for place, warning in terms.warnings:
        if not clock.warned >> place & 1:
            at = warned_at(clock, terms, warning)
            moment = moment if at is None else min(moment, at)
    return moment
