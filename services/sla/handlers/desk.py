"""What happens to the desk itself, and to tasks."""

from collections.abc import Iterator

from services.sla.rules.judge import bring_up
from services.sla.rules.merge import host_of
from services.sla.rules.promises import COMPLETED, MOST, PROMISED, home_of, with_task
from services.sla.rules.replan import apply_policy, sweep
from services.sla.rules.settle import settle
from services.sla.store.clocks import Clocks
from shared.catalogue.facts import PolicyApplied, TaskCompleted, TaskOpened, TimeReached
from shared.clock import Ms
from shared.emissions import Emission

BY_TICK = 80
"""Facts a tick says at most, but for the last ticket's: with it they stay below the hundred of R10."""


def policy_applied(clocks: Clocks, fact: PolicyApplied, at: Ms) -> Iterator[Emission]:
    apply_policy(clocks, fact.policy.at_version(fact.version), at)
    yield from ()


def time_reached(clocks: Clocks, fact: TimeReached, at: Ms) -> Iterator[Emission]:
    yield from sweep(clocks, at, BY_TICK)


def task_opened(clocks: Clocks, fact: TaskOpened, at: Ms) -> Iterator[Emission]:
    """A task on no ticket is work, not a promise to a customer; so is one that only the desk waits for."""
    key = host_of(clocks, fact.ticket) if fact.purpose in PROMISED else None
    if key is None:
        return
    yield from bring_up(clocks, key, at)
    ticket = clocks.tickets.change(key)
    if len(ticket.past.tasks) < MOST:
        ticket.remember(tasks=with_task(ticket.past.tasks, (fact.task, 0, fact.due_at)))
        yield from settle(clocks, key, "opened", at)


def task_completed(clocks: Clocks, fact: TaskCompleted, at: Ms) -> Iterator[Emission]:
    """Kept where the promise is by now, unless it was broken before."""
    key = home_of(clocks, fact.ticket, fact.task)
    if key is None:
        return
    yield from bring_up(clocks, key, at)
    ticket = clocks.tickets.change(key)
    others = tuple(promised for promised in ticket.past.tasks if promised[0] != fact.task)
    if others != ticket.past.tasks:
        ticket.remember(tasks=others)
        yield from settle(clocks, key, COMPLETED, at)
