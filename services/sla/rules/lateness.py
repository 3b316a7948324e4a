"""What is said of a clock that ran out or nearly did, and the escalation that goes with it."""

from collections.abc import Iterator

from services.sla.rules.plan import Terms, trait
from services.sla.rules.timing import warned_at
from services.sla.rules.verdicts import breached
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import Clock
from shared.catalogue.commands import EscalateTicket
from shared.catalogue.facts import TargetWarned
from shared.catalogue.values import Principal
from shared.clock import Ms
from shared.emissions import Ask, Emission
from shared.policy.sla import Escalation
from shared.policy.terms import Priority

SERVICE = "sla"
_PRIORITIES = tuple(Priority)


def breach(clocks: Clocks, key: str, before: Ms) -> Iterator[Emission]:
    """The verdict on every clock of the ticket that was due before this moment, in due order."""
    ticket = clocks.tickets[key]
    running = ((clock.due, clock) for clock in ticket.clocks if clock.running and clock.due is not None)
    late = [(due, clock) for due, clock in running if due < before]
    for due, clock in sorted(late, key=lambda found: (found[0], found[1].target, found[1].cycle)):
        yield breached(key, clock, due)
        yield from escalate(clocks, key, clock, clocks.plan(ticket)[clock.target], "breach")


def warn(clocks: Clocks, key: str, moment: Ms, at: Ms) -> Iterator[Emission]:
    """Every warning of the ticket whose moment this is. Where the deadline has passed too, its breach says it all."""
    ticket = clocks.tickets.change(key)
    plan = clocks.plan(ticket)
    for clock in ticket.clocks:
        if clock.running and clock.due is not None:
            terms = plan[clock.target]
            for place in _passed(clock, terms, moment):
                if clock.due < at:
                    clock.warned |= 1 << place
                    continue
                recipients = next(warning.to for at_place, warning in terms.warnings if at_place == place)
                yield TargetWarned(
                    ticket=key, target=clock.target, cycle=clock.cycle, warning=place, due_at=clock.due,
                    notify=recipients,
                )  # fmt: skip
                yield from escalate(clocks, key, clock, terms, "warning")


def _passed(clock: Clock, terms: Terms, moment: Ms) -> list[int]:
    """The warnings not fired yet whose moment has come."""
    found = []
    for place, warning in terms.warnings:
        at = warned_at(clock, terms, warning)
        if at is not None and at <= moment and not clock.warned >> place & 1:
            found.append(place)
    return found


def escalate(clocks: Clocks, key: str, clock: Clock, terms: Terms, cause: str) -> Iterator[Ask]:
    """What the policy wants done, in the order written; nothing is asked where nothing is left to raise."""
    for place, escalation in terms.escalations:
        if escalation.on == cause:
            raised = _raised(escalation, clocks.tickets[key].profile)
            if raised or escalation.notify or escalation.raise_tier or escalation.team:
                yield Ask(_command(clocks, key, clock, escalation, raised), f"escalate/{place}")


def _command(clocks: Clocks, key: str, clock: Clock, escalation: Escalation, raised: Priority | None) -> EscalateTicket:
    principal = Principal(organisation=clocks.organisation, desk=clocks.desk, id=SERVICE, role="system")
    return EscalateTicket(
        by=principal, ticket=key, target=clock.target, cycle=clock.cycle, cause=escalation.on,
        notify=escalation.notify, raise_priority=raised, raise_tier=escalation.raise_tier, to_team=escalation.team,
    )  # fmt: skip


def _raised(escalation: Escalation, profile: tuple[str, ...]) -> Priority | None:
    """The next higher priority, where the escalation raises it and there is one."""
    if not escalation.raise_priority:
        return None
    place = _PRIORITIES.index(Priority(trait(profile, "priority")))
    return _PRIORITIES[place - 1] if place else None
