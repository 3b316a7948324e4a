"""The strictest clock holds while tickets are one: each brings its deadline and what its clocks have run, and takes
them along again when it leaves."""

from collections.abc import Iterator

from services.sla.rules.recount import replanned, run_since
from services.sla.rules.timing import due_at, elapsed_by
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import Clock, Ticket
from services.sla.targets import TARGETS
from shared.catalogue.facts import TargetReplanned
from shared.catalogue.values import TargetName
from shared.clock import Ms

MERGED, UNMERGED = "merged", "unmerged"

Caps = tuple[tuple[str, Ms], ...]
"""Reply deadlines, each with the ticket it is of."""
Rests = list[tuple[str, TargetName, Ms]]
"""What remains of clocks that can pause, each with the ticket it is of and its target."""


def caps(clocks: Clocks, key: str, at: Ms) -> Caps:
    """By when the customer was to hear, by the ticket's own terms and by those of what it absorbed."""
    ticket = clocks.tickets[key]
    for target in TARGETS:
        clock, terms = ticket.clock(target.name), clocks.plan(ticket).get(target.name)
        if target.pause or clock is None or terms is None or not clock.running or clock.due is None:
            continue
        if not ticket.past.absorbed:
            return ((key, clock.due),)
        own = _own_wait(clocks, ticket)
        if own is not None:
            owed = max(clock.wait, ticket.past.counted(target.name, own))
            due = due_at(owed, at, run_since(clock, owed, terms, at), terms)
            return ticket.past.caps if due is None else (*ticket.past.caps, (key, due))
    return ticket.past.caps


def rests(clocks: Clocks, key: str, at: Ms) -> Rests:
    """What remains of each clock that can pause, in its own calendar: of the ticket's own, and of what it absorbed."""
    ticket = clocks.tickets[key]
    found: Rests = []
    for target in TARGETS:
        clock, terms = ticket.clock(target.name), clocks.plan(ticket).get(target.name)
        if target.pause and clock is not None and clock.open and terms is not None:
            own = (terms.budget or 0) - elapsed_by(clock, at, terms) + lead(ticket, clock)
            found.append((key, target.name, own))
            found += [(child, target.name, own - more) for child, more in _leads(ticket, clock)]
    return found


def tighten(clocks: Clocks, key: str, brought: Rests, at: Ms) -> Iterator[TargetReplanned]:
    """The host's clocks have no more left than the merged tickets' had."""
    ticket = clocks.tickets[key]
    for name in dict.fromkeys(name for _, name, _ in brought):
        clock, terms = ticket.clock(name), clocks.plan(ticket).get(name)
        if clock is None or terms is None or not clock.open:
            continue
        former = lead(ticket, clock)
        own = elapsed_by(clock, at, terms) - former
        needed = [(child, (terms.budget or 0) - rest - own) for child, target, rest in brought if target == name]
        rows = [(child, name, clock.wait, more) for child, more in needed if more > 0]
        ticket.remember(leads=(*ticket.past.leads, *rows))
        yield from _move(clocks, key, clock, lead(ticket, clock) - former, MERGED, at)


def loosen(clocks: Clocks, key: str, gone: set[str], at: Ms) -> Iterator[TargetReplanned]:
    """What these tickets brought along is no longer the host's. Its row is one that `change` returned."""
    ticket = clocks.tickets[key]
    former = [(clock, lead(ticket, clock)) for clock in ticket.clocks]
    ticket.remember(
        caps=tuple(row for row in ticket.past.caps if row[0] not in gone),
        leads=tuple(row for row in ticket.past.leads if row[0] not in gone),
    )
    for clock, before in former:
        yield from _move(clocks, key, clock, lead(ticket, clock) - before, UNMERGED, at)


def lead(ticket: Ticket, clock: Clock) -> Ms:
    """How much more the clock has run than the ticket's own would have, for what the ticket absorbed."""
    return max((more for _, more in _leads(ticket, clock)), default=0)


def _leads(ticket: Ticket, clock: Clock) -> Iterator[tuple[str, Ms]]:
    for child, target, wait, more in ticket.past.leads:
        if (target, wait) == (clock.target, clock.wait):
            yield child, more


def _move(clocks: Clocks, key: str, clock: Clock, more: Ms, cause: str, at: Ms) -> Iterator[TargetReplanned]:
    """Nobody is told of a clock that has ended: it only matters if the wait goes on in a new cycle."""
    ticket = clocks.tickets[key]
    terms = clocks.plan(ticket).get(clock.target)
    if not more:
        return
    if not clock.open or terms is None:
        clock.elapsed = max(0, clock.elapsed + more)
        return
    run = max(0, elapsed_by(clock, at, terms) + more)
    due = due_at(clock.wait, at, run, terms) if clock.running else None
    yield replanned(key, clock, terms, due, run, cause)


def _own_wait(clocks: Clocks, ticket: Ticket) -> Ms | None:
    """Since when somebody waits who wrote to this ticket itself; where its messages went first, `lent` has them."""
    lent = (clocks.tickets[child].past.lent for child in ticket.past.absorbed if child in clocks.tickets)
    theirs = {marked for waits in lent for marked in waits[1::2]}
    waits = (*ticket.waits, *ticket.past.lent)
    own = (sent_at for sent_at, marked in zip(waits[::2], waits[1::2], strict=True) if marked not in theirs)
    return min(own, default=None)
