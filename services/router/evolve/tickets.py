"""What facts about tickets do to the desk."""

from services.router.desk.desk import Desk
from services.router.desk.needs import needs_of
from services.router.desk.work import LIVE, Ticket
from services.router.evolve.waits import earliest, lay_aside
from shared.catalogue.facts import (
    OwnerChanged,
    SpamMarked,
    StatusChanged,
    TicketCategorised,
    TicketMerged,
    TicketOpened,
    TicketPrioritised,
    TicketRouted,
    TicketsLinked,
    TicketsUnlinked,
    TicketTagged,
    TicketUnmerged,
)  # fmt: skip
from shared.clock import DAY, Ms
from shared.policy.terms import Status


def opened(desk: Desk, fact: TicketOpened, at: Ms) -> None:
    needs = needs_of(fact.skills)
    ticket = Ticket(
        number=fact.number, customer=fact.customer, account=fact.account, channel=fact.channel,
        ticket_type=fact.ticket_type, category=fact.category, priority=fact.priority, team=fact.team, tier=fact.tier,
        needs=needs, asked=needs, tags=fact.tags, language=fact.language, customer_tier=fact.customer_tier,
        rule=fact.rule, opened=fact.since, owner=fact.owner,
    )  # fmt: skip
    desk.numbers = max(desk.numbers, fact.number)
    desk.tickets.add(fact.ticket, ticket)
    # an acknowledgement may follow: whom the desk answered long ago may be answered again
    desk.memories["answered"].forget(at)
    desk.adopt(fact.ticket, fact.customer)


def status_changed(desk: Desk, fact: StatusChanged, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    if row.holding == "queued":
        desk.floor.leave(row)
    row.status, row.until, row.reopens = fact.status, fact.until, fact.reopens
    if row.spam and fact.status not in {Status.RESOLVED, Status.CLOSED}:
        row.until = spam_ends(desk, row, at)
    if fact.status is Status.RESOLVED:
        row.resolution, row.resolved_at = fact.resolution, at
    if fact.status not in LIVE:
        row.since, row.due = 0, row.due if row.holding != "held" or row.waiting_since is not None else None
    if fact.status in {Status.RESOLVED, Status.CLOSED}:
        # nothing is owed any more: who still waited and writes again waits anew
        lay_aside(desk, row)
    if row.holding == "queued":
        desk.floor.enter(fact.ticket, row)
    desk.floor.weigh(fact.ticket, row)
    if fact.status is Status.CLOSED:
        row.until = max(at, (row.resolved_at or at) + survey_reach(desk))
        desk.abandon(fact.ticket, row.customer)
        desk.let_leave(fact.ticket, row.until)
    desk.timers.set("ticket", fact.ticket)


def survey_reach(desk: Desk) -> Ms:
    """How long after its resolution a ticket may still be asked about: so long its rows stay, closed or not."""
    csat = desk.policy.surveys.csat if desk.policy else None
    if csat is None or not csat.enabled:
        return 0
    quiet_nights: Ms = 2 * DAY
    return csat.delay + (csat.reminder_after or 0) + quiet_nights


def prioritised(desk: Desk, fact: TicketPrioritised, at: Ms) -> None:
    desk.tickets.change(fact.ticket).priority = fact.priority


def categorised(desk: Desk, fact: TicketCategorised, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    row.ticket_type, row.category = fact.ticket_type, fact.category


def tagged(desk: Desk, fact: TicketTagged, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    row.tags = (*(tag for tag in row.tags if tag not in fact.removed), *fact.added)


def routed(desk: Desk, fact: TicketRouted, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    if row.holding == "queued":
        desk.floor.leave(row)
    row.team, row.tier = fact.team, fact.tier
    row.needs = row.asked = needs_of(fact.skills)
    if row.holding == "queued":
        desk.floor.enter(fact.ticket, row)


def owner_changed(desk: Desk, fact: OwnerChanged, at: Ms) -> None:
    desk.tickets.change(fact.ticket).owner = fact.owner


def spam_marked(desk: Desk, fact: SpamMarked, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    row.spam = fact.spam
    if fact.spam:
        desk.abandon(fact.ticket, row.customer)
    else:
        row.customer = desk.person(row.customer)
        desk.adopt(fact.ticket, row.customer)
    if row.status is not Status.RESOLVED:
        if fact.spam:
            row.held_until, row.until = row.until, spam_ends(desk, row, at)
        else:
            ends = row.held_until or row.until  # a hold that had no end has this one
            row.until, row.held_until = ends if row.status is Status.ON_HOLD else None, None
    desk.timers.set("ticket", fact.ticket)


def spam_ends(desk: Desk, row: Ticket, at: Ms) -> Ms:
    """So long spam can be taken back, then it is closed: nobody works on it, so nothing else would end it."""
    return at + (desk.policy.reopen_window(row.team, row.account) if desk.policy else 0)


def merged(desk: Desk, fact: TicketMerged, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    row.merged_into = fact.into
    desk.abandon(fact.ticket, row.customer)
    into = desk.tickets.change(fact.into)
    into.absorbed = (*into.absorbed, fact.ticket)
    into.waiting_since = earliest(row.waiting_since, into.waiting_since)
    into.heard = max(row.heard, into.heard)


def unmerged(desk: Desk, fact: TicketUnmerged, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    row.merged_into = None
    row.customer = desk.person(row.customer)
    desk.adopt(fact.ticket, row.customer)
    into = desk.tickets.change(fact.former_into)
    into.absorbed = tuple(other for other in into.absorbed if other != fact.ticket)
    desk.timers.set("ticket", fact.ticket)


def linked(desk: Desk, fact: TicketsLinked, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    row.links = (*row.links, (fact.kind, fact.other))


def unlinked(desk: Desk, fact: TicketsUnlinked, at: Ms) -> None:
    row = desk.tickets.change(fact.ticket)
    row.links = tuple(link for link in row.links if link != (fact.kind, fact.other))
