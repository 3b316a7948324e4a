"""Work items. A ticket's own work is shown on the ticket, a task's on the task, under the same field names."""

from collections.abc import Iterable
from typing import Any

from services.gateway.handlers.projection import Line, Rows
from services.gateway.store import AGENTS, TASKS, TICKETS
from shared.catalogue.facts import (
    OfferLapsed,
    TaskCompleted,
    TaskOpened,
    WorkAssigned,
    WorkFinished,
    WorkOffered,
    WorkQueued,
    WorkReleased,
)
from shared.clock import Ms
from shared.policy.terms import WorkKind


def show_burdens(line: Line, agents: Iterable[str]) -> None:
    for agent in sorted(agents):
        burden = line.holdings.burden(agent)
        line.sheet.patch(AGENTS.name, agent, load=burden.load, held=burden.held, offered=burden.offered)


def work_queued(line: Line, fact: WorkQueued, at: Ms) -> None:
    fields: dict[str, Any] = {}
    if fact.kind == WorkKind.TASK:
        line.holdings.open_task(fact.work, fact.ticket)
        fields = {"priority": fact.priority, "tier": fact.tier, "team": fact.team}
    _show(
        line, fact.work, fact.ticket, work_state="queued", holder=None, waiting_since=fact.waiting_since,
        rank=fact.waiting_since - fact.head_start, queued_at=at, **fields,
    )  # fmt: skip


def work_assigned(line: Line, fact: WorkAssigned, at: Ms) -> None:
    touched = line.holdings.give(fact.work, fact.ticket, fact.agent, fact.weight, offered=False)
    _show(
        line, fact.work, fact.ticket, work_state="held", holder=fact.agent, epoch=fact.epoch, assigned_at=at,
        assigned_how=fact.how, forced=fact.forced, offered_until=None,
    )  # fmt: skip
    show_burdens(line, touched)


def work_offered(line: Line, fact: WorkOffered, at: Ms) -> None:
    touched = line.holdings.give(fact.work, fact.ticket, fact.agent, fact.weight, offered=True)
    _show(
        line, fact.work, fact.ticket, work_state="offered", holder=fact.agent, epoch=fact.epoch,
        offered_until=fact.until,
    )  # fmt: skip
    show_burdens(line, touched)


def offer_lapsed(line: Line, fact: OfferLapsed, at: Ms) -> None:
    ticket = next(iter(line.holdings.ticket_of(fact)), None)
    _show(line, fact.work, ticket, work_state="queued", holder=None, offered_until=None)
    show_burdens(line, line.holdings.take_back(fact.work))


def work_released(line: Line, fact: WorkReleased, at: Ms) -> None:
    _show(line, fact.work, fact.ticket, work_state=None, holder=None)
    show_burdens(line, line.holdings.take_back(fact.work))


def work_finished(line: Line, fact: WorkFinished, at: Ms) -> None:
    _show(line, fact.work, fact.ticket, work_state=None, holder=None, offered_until=None)
    show_burdens(line, line.holdings.take_back(fact.work, finished=True))


def task_opened(line: Line, fact: TaskOpened, at: Ms) -> None:
    line.holdings.open_task(fact.task, fact.ticket)
    fields = fact.model_dump(mode="json", exclude={"task"})
    line.sheet.write(TASKS.name, fact.task, **fields, state="open", opened_at=at)


def task_completed(line: Line, fact: TaskCompleted, at: Ms) -> None:
    line.sheet.patch(TASKS.name, fact.task, state="done", completed_at=at, completed_by=fact.by)


def _show(line: Line, work: str, ticket: str | None, **fields: Any) -> None:
    if line.holdings.is_task(work):
        line.sheet.patch(TASKS.name, work, **fields)
    elif ticket:
        line.sheet.patch(TICKETS.name, ticket, work=work, **fields)


ROWS: Rows = {
    WorkQueued: work_queued,
    WorkAssigned: work_assigned,
    WorkOffered: work_offered,
    OfferLapsed: offer_lapsed,
    WorkReleased: work_released,
    WorkFinished: work_finished,
    TaskOpened: task_opened,
    TaskCompleted: task_completed,
}
