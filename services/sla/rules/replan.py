"""New terms for running clocks: what has elapsed is kept, counted in the calendar that was in force until then."""

from collections.abc import Callable, Iterator
from functools import partial

from services.sla.rules.lateness import breach
from services.sla.rules.plan import Plan, promise_alike
from services.sla.rules.recount import cap_of, replanned
from services.sla.rules.settle import settle
from services.sla.rules.timing import due_at, elapsed_by
from services.sla.rules.verdicts import cancelled
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import NO_POLICY, PROMISE, Clock, Ticket
from services.sla.targets import BY_NAME
from shared.catalogue.facts import Fact
from shared.clock import Ms
from shared.emissions import Emission
from shared.policy.policy import Policy
from shared.policy.sla import EarlyWarning

CHAIN = 3
"""A ticket catches up with at most this many policies one by one; those between are passed over."""
VISITS = 500
"""Tickets renewed per tick, and stretches without any passed over: most policies change nothing for most of them."""


def replan(clocks: Clocks, key: str, cause: str, at: Ms, change: Callable[[Ticket], None]) -> Iterator[Fact]:
    """Apply `change`, which may alter what is promised to the ticket, with effect from `at`."""
    ticket = clocks.tickets.change(key)
    former = clocks.plan(ticket)
    for clock in ticket.clocks:
        if clock.running and clock.target != PROMISE:
            clock.elapsed, clock.mark = elapsed_by(clock, at, former[clock.target]), max(at, clock.mark)
    change(ticket)
    plan = clocks.plan(ticket)
    for clock in ticket.clocks:
        if clock.open:
            clock.warned = _warned(clock, former, plan)
    for clock in ticket.clocks:
        if clock.open and clock.target != PROMISE:
            yield from _renewed(key, ticket, clock, former, plan, cause)
    yield from settle(clocks, key, cause, at, newly_promised=True)


def _renewed(key: str, ticket: Ticket, clock: Clock, former: Plan, plan: Plan, cause: str) -> Iterator[Fact]:
    """Silent where the customer could tell no difference."""
    terms = plan.get(clock.target)
    if terms is None:
        yield cancelled(key, clock, NO_POLICY)
        return
    cap = cap_of(ticket, BY_NAME[clock.target])
    due = due_at(clock.wait, clock.mark, clock.elapsed, terms, cap) if clock.running else None
    if due != clock.due or terms.differ(former[clock.target]):
        yield replanned(key, clock, terms, due, clock.elapsed, cause)


def _warned(clock: Clock, former: Plan, plan: Plan) -> int:
    """The new terms' warnings that came already: the same moment was told to all whom they tell, wherever it stood."""
    told = [warning for place, warning in former[clock.target].warnings if clock.warned >> place & 1]
    terms = plan.get(clock.target)
    return sum(
        1 << place
        for place, warning in (terms.warnings if terms else ())
        if any(_heard(warning, before) for before in told)
    )


def _heard(warning: EarlyWarning, before: EarlyWarning) -> bool:
    moments = (warning.share, warning.before) == (before.share, before.before)
    return moments and {*warning.to} <= {*before.to}


def apply_policy(clocks: Clocks, policy: Policy, at: Ms) -> None:
    """All open targets are planned anew, a slice per tick; a policy that promises the same changes no clock."""
    newest = clocks.promises.get(clocks.edition)
    if newest is not None and promise_alike(newest.policy, policy):
        clocks.amend(policy)
    else:
        clocks.publish(policy, at)
        if not len(clocks.tickets):
            clocks.finish_sweep()


def renew(clocks: Clocks, key: str, at: Ms) -> Iterator[Emission]:
    """Catch the ticket up with every policy applied since it was last planned, as of the time each was applied.

    So it makes no difference to a verdict when the sweep comes by: what was due under the old terms before the new
    ones came is late, and what the new ones promise is counted from when they came.
    """
    while (edition := clocks.tickets[key].edition) < clocks.edition:
        edition = max(edition + 1, clocks.edition - CHAIN + 1)
        clocks.effect = clocks.editions[str(edition)].since
        yield from breach(clocks, key, clocks.effect)
        yield from replan(clocks, key, "policy", clocks.effect, partial(_enter, edition))
    clocks.effect = at


def _enter(edition: int, ticket: Ticket) -> None:
    ticket.edition = edition


def sweep(clocks: Clocks, at: Ms, most: int) -> Iterator[Emission]:
    """Renew the next tickets in order of arrival, until `most` facts are said or enough tickets looked at."""
    if clocks.sweep is None:
        return
    while clocks.sweep < clocks.tickets.buckets:
        for key in clocks.tickets.keys(clocks.sweep):
            if clocks.tickets[key].edition < clocks.edition:
                if clocks.spent >= most or clocks.visits >= VISITS:
                    return
                clocks.visits += 1
                yield from renew(clocks, key, at)
        clocks.sweep += 1
        clocks.visits += 1
        if clocks.visits >= VISITS:
            return
    clocks.finish_sweep()
