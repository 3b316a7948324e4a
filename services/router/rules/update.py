"""`update_ticket`: reply, note, status, owner, team, fields, promise in one go.

A public reply leaves the status as it is unless the command says otherwise: only the writer knows whether it was the
answer or "we are looking into it". But the first touch opens a new ticket, and whoever touches one that nobody owns
(a reply, a status) becomes its owner, so that the customer's next message finds somebody: unless they hand it on to a
team they are not of. Who resolves it has resolved it, whichever team it is with from then on.
"""

from services.router.desk.desk import Desk
from services.router.desk.work import Ticket
from services.router.rules.access import live_ticket
from services.router.rules.rejected import Made, Part, Rejected, Rule
from services.router.rules.routing import prioritise, route
from services.router.rules.sending import note, reply
from services.router.rules.tasks import start_task
from services.router.rules.update_checks import check, conversation_for, held_until
from services.router.rules.work import (
    assign,
    finish,
    give_back,
    is_forgotten,
    open_again,
    queue,
    return_to_owner,
    touch,
    wake,
)
from shared.catalogue.commands import UpdateTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    FieldsChanged,
    OwnerChanged,
    SpamMarked,
    StatusChanged,
    SubStatusChanged,
    TaskOpened,
    TicketCategorised,
    TicketTagged,
)  # fmt: skip
from shared.clock import Ms
from shared.ids import promise_id
from shared.policy.policy import Policy
from shared.policy.terms import Status


def update_ticket(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """All of it, or refused as a whole."""
    command: UpdateTicket = envelope.body
    row = live_ticket(desk, command.ticket)
    if desk.policy is None:
        raise Rejected("no_policy")
    check(desk, desk.policy, envelope.id, command, row, at)
    made: Made = {}
    yield from _describe(desk, envelope.id, command, at)
    yield from _place(desk, command, at)
    if command.reply is not None:
        made |= yield from reply(desk, envelope.id, command.by, command.reply, conversation_for(desk, command, row))
    if command.note is not None:
        made |= yield from note(envelope.id, command.by, command.ticket)
    if command.status is None and (command.reply is not None or command.note is not None):
        yield from touch(desk, command.ticket, command.by.id)
    if command.promise is not None:
        yield from _promise(desk, envelope.id, command, at)
        made["task"] = promise_id(envelope.id)
    yield from _mark(desk, desk.policy, command, at)
    yield from _settle_work(desk, command, at)
    return made


def _describe(desk: Desk, command_id: str, command: UpdateTicket, at: Ms) -> Part:
    """What the ticket is about."""
    row = desk.tickets[command.ticket]
    if command.priority is not None:
        yield from prioritise(desk, command.ticket, command.priority, at, "asked")
    what = command.ticket_type or row.ticket_type, command.category or row.category
    if what != (row.ticket_type, row.category):
        yield TicketCategorised(ticket=command.ticket, ticket_type=what[0], category=what[1])
    added = tuple(tag for tag in dict.fromkeys(command.add_tags) if tag not in row.tags)
    removed = tuple(tag for tag in dict.fromkeys(command.remove_tags) if tag in row.tags)
    if added or removed:
        yield TicketTagged(ticket=command.ticket, added=added, removed=removed)
    if command.fields:
        yield FieldsChanged(ticket=command.ticket, names=tuple(command.fields), command=command_id)


def _place(desk: Desk, command: UpdateTicket, at: Ms) -> Part:
    """Whose it is: the team first, then the person."""
    ticket = command.ticket
    row = desk.tickets[ticket]
    if command.team is not None:
        yield from route(desk, ticket, command.team, at, "transferred")
    if command.owner is None:
        toucher = _seat(desk, command)
        touched = command.reply is not None or command.status is not None
        if toucher and touched and row.owner is None and not row.spam and not _hands_on(desk, command, toucher):
            yield from _own(desk, ticket, toucher, at, "taken")
    elif not command.owner:
        yield from give_back(desk, ticket, at, "released", not_agent=row.holder)
    elif command.owner != row.owner or (row.wants_work and row.holder != command.owner):
        yield from _own(desk, ticket, command.owner, at, "taken" if command.owner == command.by.id else "given")


def _seat(desk: Desk, command: UpdateTicket) -> str | None:
    row = desk.agents.get(command.by.id)
    return command.by.id if row is not None and not row.leaving else None


def _hands_on(desk: Desk, command: UpdateTicket, agent: str) -> bool:
    """Whether it goes to a team that this agent is not of, with something left to do."""
    theirs = command.team is None or command.team in desk.agents[agent].teams
    return not theirs and command.status is not Status.RESOLVED


def _own(desk: Desk, ticket: str, agent: str, at: Ms, how: str) -> Part:
    """Responsible, and as long as there is something to do also holding it."""
    row = desk.tickets[ticket]
    if row.status is Status.RESOLVED or row.spam:
        yield OwnerChanged(ticket=ticket, former=row.owner, owner=agent, cause=how)
    else:
        yield from assign(desk, ticket, agent, at, "taken" if how == "taken" else "given")


def _promise(desk: Desk, command_id: str, command: UpdateTicket, at: Ms) -> Part:
    """Something promised by a time is its owner's task, or its maker's."""
    row = desk.tickets[command.ticket]
    if command.promise is not None:
        owner = row.owner if row.owner in desk.agents else _seat(desk, command)
        opened = TaskOpened(
            task=promise_id(command_id), purpose="promise", ticket=command.ticket, team=row.team, owner=owner,
            due_at=command.promise.due_at, by=command.by.id,
        )  # fmt: skip
        yield from start_task(desk, opened, at)


def _mark(desk: Desk, policy: Policy, command: UpdateTicket, at: Ms) -> Part:
    """Status, what it is called more closely, and spam."""
    row = desk.tickets[command.ticket]
    status = command.status
    if status is not None and (status is not row.status or status is Status.ON_HOLD):
        yield status_change(policy, command, row, status, at)
    if command.sub_status is not None:
        named = policy.sub_statuses.get(command.sub_status)
        # a touch may have moved on meanwhile the status it was asked for
        if named is None or named.status is row.status:
            yield SubStatusChanged(
                ticket=command.ticket, status=row.status, sub_status=named.id if named else None, by=command.by.id
            )
    if command.spam is not None and command.spam != row.spam:
        yield SpamMarked(ticket=command.ticket, spam=command.spam)


def status_change(policy: Policy, command: UpdateTicket, row: Ticket, status: Status, at: Ms) -> StatusChanged:
    """The change a person asks for: a hold ends by itself, a resolution opens the reopen window."""
    reopens = row.status is Status.RESOLVED and status is Status.OPEN
    resolves = status is Status.RESOLVED
    window = policy.reopen_window(row.team, row.account)
    until = at + window if resolves else held_until(policy, command, at) if status is Status.ON_HOLD else None
    cause = (command.resolution_cause or "solved") if resolves else "reopened_by_agent" if reopens else "asked"
    return StatusChanged(
        ticket=command.ticket, former=row.status, status=status, cause=cause, by=command.by.id,
        hold_reason=command.hold_reason, until=until, resolution=row.resolution + resolves, owner=row.owner,
        reopens=row.reopens + reopens,
    )  # fmt: skip


def _settle_work(desk: Desk, command: UpdateTicket, at: Ms) -> Part:
    """What the new state asks: nobody, its owner, or whoever can.

    A customer whom nobody has answered is not put aside by nobody: their ticket has its owner, or is open again.
    """
    row = desk.tickets[command.ticket]
    passed_by = row.not_agent
    if command.spam is False and row.status is Status.RESOLVED and row.waiting_since is not None:
        # our answer came back while it counted as spam, and nobody was told
        yield open_again(command.ticket, row, "asked")
    if row.wants_work:
        if row.holding == "idle":
            yield from (return_to_owner if row.owner else queue)(desk, command.ticket, at, "asked")
        elif command.status is not None and command.by.id != row.agent:
            yield from wake(desk, command.ticket, at, "asked")
    elif row.spam or row.status in {Status.RESOLVED, Status.CLOSED} or row.holding in {"queued", "offered"}:
        yield from finish(desk, command.ticket, "spam" if row.spam else row.status)
    if is_forgotten(row) and row.owner:
        yield from return_to_owner(desk, command.ticket, at, "asked")
    elif is_forgotten(row):
        yield from give_back(desk, command.ticket, at, "asked", not_agent=passed_by)
