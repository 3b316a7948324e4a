"""The moves of a work item: into a queue, to a person, back, done. Every other rule is made of these."""

from typing import Literal

from services.router.desk.desk import Desk
from services.router.desk.needs import LEAD, Needs, as_skills, relaxed
from services.router.desk.work import Task, Ticket, Work
from services.router.rules.rejected import Part, Rejected
from shared.catalogue.facts import (
    OfferLapsed,
    OwnerChanged,
    StatusChanged,
    WorkAssigned,
    WorkFinished,
    WorkQueued,
    WorkReleased,
)  # fmt: skip
from shared.catalogue.values import Why
from shared.clock import Ms
from shared.policy.terms import Status

PAUSED = (Status.PENDING, Status.ON_HOLD)
How = Literal["automatic", "accepted", "taken", "given", "returned"]


def find(desk: Desk, work: str) -> Work:
    """The work item. Raises Rejected("no_such_work")."""
    row = desk.work(work)
    if row is None or (isinstance(row, Ticket) and row.status is Status.CLOSED):
        raise Rejected("no_such_work")
    return row


def ticket_of(work: str, row: Work) -> str | None:
    """The ticket an item is about."""
    return row.ticket if isinstance(row, Task) else work


def waiting_since(row: Work, at: Ms) -> Ms:
    """From when the queue counts: the customer's oldest unanswered message; where nobody waits, its first queueing.

    Nothing that happens to the item in between makes it younger: not a release, a pull-back, a change of team. But what
    was nobody's turn in between (pending, on hold, resolved) waits anew.
    """
    if isinstance(row, Ticket):
        return row.since or at if row.waiting_since is None else row.waiting_since
    return row.since or (min(at, row.due_at) if isinstance(row, Task) else at)


def queue(
    desk: Desk, work: str, at: Ms, cause: str, *, team: str | None = None, not_agent: str | None = None, lead: bool = False
) -> Part:  # fmt: skip
    """Let the item wait, with what it still asks for after so long a wait."""
    row = desk.item(work)
    to = team or row.team
    since = waiting_since(row, at)
    yield WorkQueued(
        work=work, kind=row.kind, ticket=ticket_of(work, row), team=to, tier=row.tier,
        skills=as_skills(_asked(desk, row, to, at - since, lead=lead)), channel=row.channel, priority=row.priority,
        waiting_since=since, head_start=desk.head_start(row), cause=cause, not_agent=not_agent,
    )  # fmt: skip


def _asked(desk: Desk, row: Work, team: str, waited: Ms, *, lead: bool) -> Needs:
    if lead or row.asked == LEAD:
        # what a lead was asked for stays a lead's, whoever lets it lapse or passes on it
        return LEAD if desk.floor.crew(team).leads else ()
    if row.needs == LEAD and not desk.floor.crew(team).leads:
        return ()
    return relaxed(row.needs, desk.team(team), waited)


def assign(desk: Desk, work: str, agent: str, at: Ms, how: Literal["taken", "given"]) -> Part:
    """A person decided who gets it: whoever had it no longer does; capacity is not asked, but told."""
    row = desk.item(work)
    if row.agent != agent:
        yield from free(desk, work, "transferred")
    yield from hold(desk, work, agent, at, how, by_hand(desk, row, at, how))


def hold(desk: Desk, work: str, agent: str, at: Ms, how: How, why: Why) -> Part:
    """The agent holds the item from here on. Touching it by hand opens a new ticket."""
    row = desk.item(work)
    seat = desk.floor.seats[agent]
    taken = desk.floor.weights.taken(row.kind, row.channel, row.phase_at(at), seat.capacity)
    beside = seat.load - seat.held.get(work, 0)
    yield WorkAssigned(
        work=work, ticket=ticket_of(work, row), agent=agent, epoch=row.epoch + 1, how=how,
        forced=how not in {"automatic", "accepted"} and beside + taken > seat.capacity, weight=taken, why=why,
    )  # fmt: skip
    if isinstance(row, Ticket):
        if row.owner != agent:
            yield OwnerChanged(ticket=work, former=row.owner, owner=agent, cause=how)
        if how in {"accepted", "taken"}:
            yield from touch(desk, work, agent)


def touch(desk: Desk, ticket: str, by: str) -> Part:
    """The first human touch (a reply, a note, taking or accepting it) moves a ticket from new to open."""
    row = desk.tickets[ticket]
    if row.status is Status.NEW:
        yield StatusChanged(
            ticket=ticket, former=row.status, status=Status.OPEN, cause="touched", by=by, resolution=row.resolution,
            owner=row.owner, reopens=row.reopens,
        )  # fmt: skip


def open_again(ticket: str, row: Ticket, cause: str) -> StatusChanged:
    """It is the desk's turn once more, and nobody's doing."""
    return StatusChanged(
        ticket=ticket, former=row.status, status=Status.OPEN, cause=cause, resolution=row.resolution, owner=row.owner,
        reopens=row.reopens,
    )  # fmt: skip


def by_hand(desk: Desk, row: Work, at: Ms, how: str) -> Why:
    """Why a person has it whom no strategy chose."""
    rule = row.rule if isinstance(row, Ticket) else row.purpose if isinstance(row, Task) else ""
    return Why(rule=rule, strategy=how, policy_version=desk.policy_version, waited=max(0, at - waiting_since(row, at)))


def free(desk: Desk, work: str, cause: str) -> Part:
    """Whoever holds it or is offered it no longer does. A waiting item stays where it waits."""
    row = desk.item(work)
    if row.holding == "held" and row.agent:
        yield WorkReleased(work=work, ticket=ticket_of(work, row), agent=row.agent, epoch=row.epoch, cause=cause)
    elif row.holding == "offered" and row.agent:
        yield OfferLapsed(work=work, agent=row.agent, epoch=row.epoch, cause="withdrawn")


def give_back(
    desk: Desk, work: str, at: Ms, cause: str, *, team: str | None = None, not_agent: str | None = None, lead: bool = False
) -> Part:  # fmt: skip
    """Nobody holds or owns it; where it is the desk's turn it waits again, age kept. A task waits once it has begun.

    A customer whom nobody has answered must not wait with a ticket that nobody has: it is open again, unless it will be by
    itself.
    """
    yield from free(desk, work, cause)
    row = desk.item(work)
    if isinstance(row, Ticket) and row.owner is not None:
        yield OwnerChanged(ticket=work, former=row.owner, owner=None, cause=cause)
    if isinstance(row, Ticket) and is_forgotten(row):
        yield open_again(work, row, cause)
    if row.wants_work:
        yield from queue(desk, work, at, cause, team=team, not_agent=not_agent, lead=lead)


def is_forgotten(row: Ticket) -> bool:
    """Whether its customer waits with a ticket put aside that nobody has and that will not be open by itself."""
    aside = row.status in PAUSED and row.until is None and row.merged_into is None
    return aside and row.waiting_since is not None and row.holding == "idle"


def finish(desk: Desk, work: str, cause: str) -> Part:
    """Nothing is left to do, for whomever it was."""
    row = desk.item(work)
    if row.holding == "offered":
        yield from free(desk, work, cause)
    if row.holding != "idle" or isinstance(row, Task):
        yield WorkFinished(work=work, ticket=ticket_of(work, row), agent=row.holder, cause=cause)


def wake(desk: Desk, ticket: str, at: Ms, cause: str) -> Part:
    """Somebody waits for an item that is somebody's already: if they are not there, they have as long to come back as
    an owner to whom it returns."""
    row = desk.tickets[ticket]
    holder = desk.agents.get(row.holder)
    if row.wants_work and row.due is None and holder is not None and not holder.is_there_for(row.kind, row.channel):
        yield from return_to_owner(desk, ticket, at, cause)


def return_to_owner(desk: Desk, ticket: str, at: Ms, cause: str) -> Part:
    """It is the desk's turn again: back to its owner, even above their capacity, else into the queue.

    A team may want such work in the queue at once (`return_to_owner: false`). An owner who is not ready on its channel
    gets it all the same and has the team's `requeue_after` to come back.
    """
    row = desk.tickets[ticket]
    owner = desk.agents.get(row.owner)
    if row.owner and owner is not None and not owner.leaving and desk.team(row.team).return_to_owner:
        if row.agent != row.owner:
            yield from free(desk, ticket, cause)
        yield from hold(desk, ticket, row.owner, at, "returned", by_hand(desk, row, at, "owner"))
    else:
        yield from give_back(desk, ticket, at, cause)
