"""What happens to tickets."""

from collections.abc import Iterator

from services.sla.rules.merge import forget, merge, unmerge
from services.sla.rules.plan import with_trait
from services.sla.rules.promises import suspend
from services.sla.rules.replan import replan
from services.sla.rules.settle import settle
from services.sla.rules.waits import set_aside
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import Ticket
from shared.catalogue.facts import (
    Fact,
    SpamMarked,
    StatusChanged,
    TicketCategorised,
    TicketMerged,
    TicketOpened,
    TicketPrioritised,
    TicketRouted,
    TicketUnmerged,
)
from shared.clock import Ms
from shared.policy.terms import Status

OPENED, SPAM, RESTORED = "opened", "spam", "restored"


def opened(clocks: Clocks, fact: TicketOpened, at: Ms) -> Iterator[Fact]:
    """A tier nobody knew stays empty: the policy says whose it is then. Later changes of the customer's tier do not
    touch promises already made."""
    if fact.ticket in clocks.tickets:
        return
    profile = (
        fact.account, fact.channel.value, fact.brand or "", fact.language or "", fact.customer_tier or "",
        fact.category, fact.ticket_type.value, fact.priority.value, fact.team,
    )  # fmt: skip
    row = Ticket(0, Status.NEW, min(fact.since, at), clocks.profile(profile), clocks.edition)
    clocks.tickets.add(fact.ticket, row)
    yield from settle(clocks, fact.ticket, OPENED, at)


def status_changed(clocks: Clocks, fact: StatusChanged, at: Ms) -> Iterator[Fact]:
    """Resolving says that nothing is owed any more: who still waited for a reply and writes again waits anew."""
    if fact.ticket not in clocks.tickets:
        return
    ticket = clocks.tickets.change(fact.ticket)
    ticket.status = fact.status
    if _is_merge(ticket, fact):
        return
    if fact.status in {Status.RESOLVED, Status.CLOSED}:
        set_aside(ticket)
    if fact.status == Status.CLOSED:
        ticket.remember(tasks=())
    yield from settle(clocks, fact.ticket, fact.status.value, at)
    if fact.status == Status.CLOSED:
        forget(clocks, fact.ticket)


def _is_merge(ticket: Ticket, fact: StatusChanged) -> bool:
    """A merged ticket's status means nothing to its clocks; that fact may come before or after the merge's own."""
    return ticket.past.merged is not None or (fact.status == Status.CLOSED and fact.cause == "merged")


def routed(clocks: Clocks, fact: TicketRouted, at: Ms) -> Iterator[Fact]:
    yield from _change_trait(clocks, fact.ticket, "team", at, team=fact.team)


def prioritised(clocks: Clocks, fact: TicketPrioritised, at: Ms) -> Iterator[Fact]:
    yield from _change_trait(clocks, fact.ticket, "priority", at, priority=fact.priority.value)


def categorised(clocks: Clocks, fact: TicketCategorised, at: Ms) -> Iterator[Fact]:
    kind = fact.ticket_type.value
    yield from _change_trait(clocks, fact.ticket, "category", at, category=fact.category, type=kind)


def _change_trait(clocks: Clocks, key: str, cause: str, at: Ms, **traits: str) -> Iterator[Fact]:
    ticket = clocks.tickets.get(key)
    if ticket is None:
        return
    profile = clocks.profile(with_trait(ticket.profile, **traits))
    if profile != ticket.profile:

        def change(ticket: Ticket) -> None:
            ticket.profile = profile

        yield from replan(clocks, key, cause, at, change)


def spam_marked(clocks: Clocks, fact: SpamMarked, at: Ms) -> Iterator[Fact]:
    if fact.ticket not in clocks.tickets:
        return
    ticket = clocks.tickets.change(fact.ticket)
    ticket.remember(spam=fact.spam)
    if fact.spam:
        suspend(ticket)
    yield from settle(clocks, fact.ticket, SPAM if fact.spam else RESTORED, at)


def merged(clocks: Clocks, fact: TicketMerged, at: Ms) -> Iterator[Fact]:
    if fact.ticket in clocks.tickets:
        yield from merge(clocks, fact.ticket, fact.into, at)


def unmerged(clocks: Clocks, fact: TicketUnmerged, at: Ms) -> Iterator[Fact]:
    if fact.ticket in clocks.tickets:
        yield from unmerge(clocks, fact.ticket, fact.former_into, at)
