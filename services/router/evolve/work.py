"""What facts about work items do to the desk."""

from services.router.desk.desk import Desk
from services.router.desk.needs import LEAD, needs_of, next_relaxation, relaxed
from services.router.desk.work import Task, Work
from shared.catalogue.facts import (
    OfferLapsed,
    TaskOpened,
    WorkAssigned,
    WorkFinished,
    WorkOffered,
    WorkQueued,
    WorkReleased,
)  # fmt: skip
from shared.clock import MINUTE, Ms
from shared.policy.terms import Channel, Priority

ASK_AGAIN_AFTER: Ms = 5 * MINUTE
"""So long nobody is asked again for what they have just passed on, unless somebody else takes it first."""
SCHEDULED = ("call_back", "follow_up", "promise")
"""Tasks that begin at their due time; others begin at once and should be done by then."""


def queued(desk: Desk, fact: WorkQueued, at: Ms) -> None:
    row = desk.change_work(fact.work)
    same_pass = row.holding == "queued" and fact.not_agent is not None and row.not_agent == fact.not_agent
    if row.holding == "queued":
        desk.floor.leave(row)
    row.team, row.tier, row.asked = fact.team, fact.tier, needs_of(fact.skills)
    row.since = fact.waiting_since
    row.key = row.since - fact.head_start if fact.head_start else row.since
    row.holding, row.not_agent = "queued", fact.not_agent
    row.due = row.due if same_pass else _looks_again(desk, row, at)
    if isinstance(row, Task):
        row.begun = True
    desk.floor.enter(fact.work, row)
    desk.timers.set("work", fact.work)


def _looks_again(desk: Desk, row: Work, at: Ms) -> Ms | None:
    """When waiting changes whom is asked, or what: the end of somebody's pass, which waits for no relaxation; or that."""
    if row.not_agent:
        return at + ASK_AGAIN_AFTER
    step = next_relaxation(row.needs, desk.team(row.team), at - row.since)
    return row.since + step if step is not None else None


def look_again_at_all(desk: Desk, at: Ms) -> None:
    """Teams ask otherwise from here on: what waits already gets the times when that will be asked of it."""
    fields = desk.tickets.select("holding", "not_agent", "needs", "asked", "team", "since", "due")
    for work, holding, not_agent, needs, asked, team, since, due in fields:
        # whoever passed on it will be asked again soon in any case, and what waits for a lead goes on doing so
        if holding != "queued" or not_agent or not needs or asked == LEAD:
            continue
        step = next_relaxation(needs, desk.team(team), at - since)
        then = since + step if step is not None else None
        then = at if relaxed(needs, desk.team(team), at - since) != asked else then
        if then != due:
            desk.tickets.change(work).due = then
            desk.timers.set("work", work)


def assigned(desk: Desk, fact: WorkAssigned, at: Ms) -> None:
    row = desk.change_work(fact.work)
    _give(desk, row, fact.work, fact.agent, fact.epoch)
    row.holding, row.due = "held", None
    if isinstance(row, Task) and at >= row.due_at:
        row.begun = True
    absent = not desk.agents[fact.agent].is_there_for(row.kind, row.channel)
    if absent and row.wants_work and fact.how in {"returned", "given"}:
        row.due = at + desk.team(row.team).requeue_after
    _take_turn(desk, fact.agent, at, counts=fact.how in {"automatic", "taken", "given"})
    desk.floor.weigh(fact.work, row)
    desk.timers.set("work", fact.work)


def offered(desk: Desk, fact: WorkOffered, at: Ms) -> None:
    row = desk.change_work(fact.work)
    _give(desk, row, fact.work, fact.agent, fact.epoch)
    row.holding, row.due = "offered", fact.until
    _take_turn(desk, fact.agent, at, counts=True)
    desk.floor.weigh(fact.work, row)
    desk.timers.set("work", fact.work)


def _give(desk: Desk, row: Work, work: str, agent: str, epoch: int) -> None:
    if row.holding == "queued":
        desk.floor.leave(row)
    if row.agent and row.agent != agent:
        desk.floor.unload(work, row.agent)
    row.agent, row.epoch, row.not_agent = agent, epoch, None


def _take_turn(desk: Desk, agent: str, at: Ms, *, counts: bool) -> None:
    if counts:
        desk.turns += 1
        row = desk.agents.change(agent)
        row.turn, row.idle_since = desk.turns, at


def lapsed(desk: Desk, fact: OfferLapsed, at: Ms) -> None:
    _empty(desk, fact.work, fact.agent)


def released(desk: Desk, fact: WorkReleased, at: Ms) -> None:
    _empty(desk, fact.work, fact.agent)


def _empty(desk: Desk, work: str, agent: str) -> None:
    row = desk.change_work(work)
    row.holding, row.agent, row.due = "idle", None, None
    desk.floor.unload(work, agent)
    drop_if_gone(desk, agent)


def drop_if_gone(desk: Desk, agent: str) -> None:
    """A removed seat's row goes with its last work."""
    if desk.agents[agent].leaving and not desk.floor.seats[agent].held:
        desk.floor.drop_seat(agent)
        desk.agents.remove(agent)


def finished(desk: Desk, fact: WorkFinished, at: Ms) -> None:
    row = desk.change_work(fact.work)
    if row.holding == "queued":
        desk.floor.leave(row)
        row.holding = "idle"
    if row.agent:
        _empty(desk, fact.work, row.agent)
    row.due = row.not_agent = None
    if isinstance(row, Task):
        desk.tasks.remove(fact.work)


def task_opened(desk: Desk, fact: TaskOpened, at: Ms) -> None:
    ticket = desk.tickets.get(fact.ticket)
    needs = LEAD if fact.purpose == "low_score" and desk.floor.crew(fact.team).leads else ()
    desk.tasks.add(
        fact.task,
        Task(
            # others wait as they always did
            team=fact.team, tier=desk.team(fact.team).tier if fact.purpose == "assist" else 1, purpose=fact.purpose,
            ticket=fact.ticket, due_at=fact.due_at, needs=needs, asked=needs,
            channel=ticket.channel if ticket else Channel.API, priority=ticket.priority if ticket else Priority.NORMAL,
            begun=at >= fact.due_at or fact.purpose not in SCHEDULED,
        ),
    )  # fmt: skip
    desk.timers.set("task", fact.task)
