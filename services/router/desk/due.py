"""When each kind of timer is due, read from the rows."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from services.router.desk.people import Agent
from services.router.desk.timers import Due
from services.router.desk.work import Task, Ticket, Work
from shared.clock import Ms
from shared.tables import Table


class Rows(Protocol):
    """What has due times."""

    tickets: Table[Ticket]
    tasks: Table[Task]
    agents: Table[Agent]

    def ticket(self, ticket: str | None) -> Ticket | None: ...
    def work(self, work: str) -> Work | None: ...


def due_times(desk: Rows) -> Mapping[str, Due]:
    """Kind of timer → when a subject of it is due.

    agent: the time away of somebody not ready is over; a removed seat is due until it is empty. shift: the next end of
    a shift. task: a scheduled task begins. ticket: a hold or a reopen window ends, or spam is closed. work: see `Work.due`.
    """

    def agent_due(agent: str) -> Ms | None:
        row = desk.agents.get(agent)
        return None if row is None else 0 if row.leaving else row.until

    def shift_due(agent: str) -> Ms | None:
        row = desk.agents.get(agent)
        ends = (end for _, end in row.shifts if end > row.shift_mark) if row and not row.leaving else ()
        return min(ends, default=None)

    def task_due(task: str) -> Ms | None:
        row = desk.tasks.get(task)
        return None if row is None or row.begun else row.due_at

    def ticket_due(ticket: str) -> Ms | None:
        row = desk.ticket(ticket)
        return row.until if row is not None and row.merged_into is None else None

    def work_due(work: str) -> Ms | None:
        row = desk.work(work)
        return row.due if row is not None else None

    return {"agent": agent_due, "shift": shift_due, "task": task_due, "ticket": ticket_due, "work": work_due}


def subjects(desk: Rows) -> Mapping[str, Iterable[str]]:
    """Kind of timer → everything that may be due."""
    return {
        "agent": desk.agents,
        "shift": desk.agents,
        "task": desk.tasks,
        "ticket": [ticket for ticket, until in desk.tickets.select("until") if until is not None],
        "work": [work for rows in (desk.tickets, desk.tasks) for work, due in rows.select("due") if due is not None],
    }
