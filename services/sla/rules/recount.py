"""What a clock takes along: into a new cycle of the same wait, and when the wait it stands for becomes another one."""

from services.sla.business_hours import elapsed
from services.sla.rules.plan import Terms
from services.sla.rules.timing import due_at, elapsed_by
from services.sla.store.ticket import UNPROMISED, Clock, Ticket
from services.sla.targets import Target
from shared.catalogue.facts import TargetReplanned
from shared.clock import Ms


def carried(prior: Clock | None, wait: Ms, target: Target, at: Ms, terms: Terms) -> Ms | None:
    """What has elapsed of this very wait already, for a new cycle to go on with; None: it is another wait.

    A reply is owed without pause, so what passed since the prior cycle ended counts too (a reply that never arrived,
    a ticket that was no spam after all); but not while nothing was promised, nor for a clock that can pause.
    """
    if prior is None or prior.wait != wait:
        return None
    gap = 0 if target.pause or prior.state == UNPROMISED else elapsed(prior.mark, at, terms.hours)
    return prior.elapsed + gap


def cap_of(ticket: Ticket, target: Target) -> Ms | None:
    """The strictest deadline a merged ticket's reply clock brought along."""
    return None if target.pause else min((due for _, due in ticket.past.caps), default=None)


def due_now(clock: Clock, ticket: Ticket, target: Target, terms: Terms) -> Ms | None:
    """When the clock is due by all that is known of it; anything else it says is out of date."""
    return due_at(clock.wait, clock.mark, clock.elapsed, terms, cap_of(ticket, target))


def recount(
    key: str, ticket: Ticket, target: Target, clock: Clock, terms: Terms, owed: Ms, cause: str, at: Ms
) -> TargetReplanned:
    """The wait is now another one, older or younger."""
    run = run_since(clock, owed, terms, at)
    due = due_at(owed, at, run, terms, cap_of(ticket, target))
    return replanned(key, clock, terms, due, run, cause)


def run_since(clock: Clock, owed: Ms, terms: Terms, at: Ms) -> Ms:
    """What has run by `at` of a wait since `owed`: what lies between the two waits is added or taken away."""
    moved = elapsed(owed, clock.wait, terms.hours) - elapsed(clock.wait, owed, terms.hours)
    return max(0, elapsed_by(clock, at, terms) + moved)


def replanned(key: str, clock: Clock, terms: Terms, due: Ms | None, run: Ms, cause: str) -> TargetReplanned:
    """The fact that keeps the old deadline in the history."""
    return TargetReplanned(
        ticket=key, target=clock.target, cycle=clock.cycle, former_due_at=clock.due, due_at=due, elapsed=run,
        budget=terms.budget or 0, calendar=terms.calendar, sla_policy=terms.policy, policy_version=terms.version,
        cause=cause,
    )  # fmt: skip
