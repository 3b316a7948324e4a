"""An agent's promise ("I'll call tomorrow at ten"): a task with a due time, on a ticket. Never pauses, never moves."""

from collections.abc import Iterator

from services.sla.rules.verdicts import cancelled, met
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import PROMISE, Promised, Ticket
from shared.catalogue.facts import Fact, TargetStarted
from shared.catalogue.values import TaskPurpose
from shared.clock import Ms

COMPLETED = "completed"
PROMISED: tuple[TaskPurpose, ...] = ("promise", "call_back")
"""Tasks whose time a customer was told."""
MOST = 20
"""Open promises of one ticket that have a clock; whatever happens to the ticket must fit one record's facts."""


def settle_promises(clocks: Clocks, key: str, happening: str, at: Ms) -> Iterator[Fact]:
    """Every open task has its clock, and no other: a task that is gone was kept if it was just completed."""
    ticket = clocks.tickets[key]
    tasks = () if ticket.void else ticket.past.tasks
    running = {cycle for _, cycle, _ in tasks}
    for clock in ticket.clocks:
        if clock.target == PROMISE and clock.cycle not in running:
            kept = happening == COMPLETED
            yield met(key, clock, at, max(0, at - clock.wait)) if kept else cancelled(key, clock, happening)
    for task, cycle, due in tasks:
        if not cycle:
            yield from _start(clocks, key, task, due, at)


def hand_over(ticket: Ticket, host: Ticket) -> None:
    """A merge: what was promised on the one is owed on the other."""
    for task, _, due in ticket.past.tasks:
        if len(host.past.tasks) < MOST:
            host.remember(tasks=with_task(host.past.tasks, (task, 0, due)))
    ticket.remember(tasks=())


def home_of(clocks: Clocks, key: str | None, task: str) -> str | None:
    """The ticket a task opened on this one is promised on by now: it may have moved with merges, and stayed where one
    of them was taken back."""
    ahead, seen = [key], set[str | None]()
    while ahead:
        key = ahead.pop()
        ticket = clocks.tickets.get(key)
        if ticket is None or key in seen:
            continue
        if any(promised[0] == task for promised in ticket.past.tasks):
            return key
        seen.add(key)
        ahead += [ticket.past.parted, ticket.past.merged]
    return None


def suspend(ticket: Ticket) -> None:
    """The ticket owes nothing for now; its tasks start a new cycle when it does again."""
    ticket.remember(tasks=tuple((task, 0, due) for task, _, due in ticket.past.tasks))


def with_task(tasks: tuple[Promised, ...], promised: Promised) -> tuple[Promised, ...]:
    """These tasks with this one, in its former place where it is among them."""
    return (*{each[0]: each for each in (*tasks, promised)}.values(),)


def _start(clocks: Clocks, key: str, task: str, due: Ms, at: Ms) -> Iterator[Fact]:
    ticket = clocks.tickets[key]
    terms = clocks.plan(ticket).get(PROMISE)
    if terms is None:
        return
    cycle = ticket.past.promised + 1
    ticket.remember(tasks=with_task(ticket.past.tasks, (task, cycle, due)))
    yield TargetStarted(
        ticket=key, target=PROMISE, cycle=cycle, started_at=at, due_at=due, budget=max(0, due - at), calendar=None,
        sla_policy=terms.policy, policy_version=terms.version,
    )  # fmt: skip
