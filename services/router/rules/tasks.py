"""Tasks: call-backs, follow-ups, promises, low scores, help for another team. Work with a due time, on a ticket or on its own."""

from services.router.desk.desk import Desk
from services.router.desk.work import Task, Ticket
from services.router.rules.access import allow, known_agent, known_team, live_ticket
from services.router.rules.rejected import Part, Rejected, Rule
from services.router.rules.sending import note
from services.router.rules.work import by_hand, finish, hold, queue
from shared.catalogue.commands import CompleteTask, OpenTask
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import TaskCompleted, TaskOpened
from shared.catalogue.rule_sets import ASSISTS
from shared.clock import Ms


def open_task(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """A new task; without a team the ticket's, then the owner's, then the desk's first."""
    command: OpenTask = envelope.body
    if desk.policy is None:
        raise Rejected("no_policy")
    if command.task in desk.tasks or command.task in desk.tickets:
        raise Rejected("already_exists")
    if command.ticket is not None and command.ticket not in desk.tickets and command.by.role != "system":
        # a service speaks of a ticket it has facts of; its rows here may have gone
        raise Rejected("no_such_ticket")
    if command.purpose == "assist":
        _check_assist(desk, command)
    ticket = desk.ticket(command.ticket)
    # what is on a ticket touches that ticket's clocks and notes: it needs a right to the ticket
    allow(desk, command.by, "task.open", ticket, own=ticket is None and command.owner == command.by.id)
    if command.owner is not None:
        known_agent(desk, command.owner)
    if command.team is not None and command.by.role != "system":
        known_team(desk, command.team)
    yield from start_task(
        desk, TaskOpened(
            task=command.task, purpose=command.purpose, ticket=command.ticket, owner=command.owner,
            team=_team(desk, command, ticket) or next(iter(desk.policy.teams)),
            due_at=command.due_at, by=command.by.id,
        ), at,
    )  # fmt: skip
    return {"task": command.task}


def _check_assist(desk: Desk, command: OpenTask) -> None:
    """Help is for a ticket somebody works on."""
    if not desk.in_force(ASSISTS):
        raise Rejected("rules_not_in_force")
    if command.ticket is None:
        raise Rejected("no_such_ticket")
    live_ticket(desk, command.ticket)


def _team(desk: Desk, command: OpenTask, ticket: Ticket | None) -> str | None:
    """The team named; else the ticket's, for help with it the next tier's, or the helper's own; else the owner's.

    A service names the team of long ago: where the policy has it no longer, it named none.
    """
    owner = desk.agents.get(command.owner)
    theirs = owner.team if owner else None
    named = command.team if desk.policy and command.team in desk.policy.teams else None
    if named is not None or ticket is None:
        return named or theirs
    if command.purpose == "assist":
        return theirs or desk.team(ticket.team).escalates_to or ticket.team
    return ticket.team


def start_task(desk: Desk, opened: TaskOpened, at: Ms) -> Part:
    """Its owner has it from the beginning; without one it waits for whoever can, from the time it begins."""
    yield opened
    row = desk.tasks[opened.task]
    if opened.owner:
        yield from hold(desk, opened.task, opened.owner, at, "given", by_hand(desk, row, at, "given"))
    elif row.begun:
        yield from queue(desk, opened.task, at, "opened")


def begin_task(desk: Desk, task: str, at: Ms) -> Part:
    """The due time of a scheduled task: its holder is told, or it is given to somebody."""
    row = desk.tasks[task]
    if row.holder:
        yield from hold(desk, task, row.holder, at, "returned", by_hand(desk, row, at, "due"))
    else:
        yield from queue(desk, task, at, "due", lead=row.purpose == "promise")


def complete_task(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Done, whoever holds it."""
    command: CompleteTask = envelope.body
    row: Task | None = desk.tasks.get(command.task)
    if row is None:
        raise Rejected("no_such_task")
    allow(desk, command.by, "task.complete", row)
    yield TaskCompleted(task=command.task, ticket=row.ticket, by=command.by.id)
    made = yield from _hand_back(desk, envelope, row)
    yield from finish(desk, command.task, "completed")
    return made


def _hand_back(desk: Desk, envelope: Envelope, row: Task) -> Rule:
    """What came of an assist is a note for whoever owns the ticket, wherever that lives on by now."""
    command: CompleteTask = envelope.body
    ticket = desk.merged(row.ticket) if row.ticket is not None and row.purpose == "assist" else None
    if ticket is None or not command.result or desk.ticket(ticket) is None:
        return {}
    return (yield from note(envelope.id, command.by, ticket))
