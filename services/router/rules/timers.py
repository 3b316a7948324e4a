"""What falls due by itself. Each rule's facts move or end the time that was due, so none is due twice."""

from collections.abc import Callable, Mapping

from services.router.desk.desk import Desk
from services.router.desk.work import Task
from services.router.rules.presence import end_shift, miss_offer
from services.router.rules.pull_back import SLICE_ENDS, pull_back
from services.router.rules.rejected import Part
from services.router.rules.roster import empty_seat
from services.router.rules.tasks import begin_task
from services.router.rules.work import give_back, queue, return_to_owner
from shared.catalogue.facts import OfferLapsed, StatusChanged
from shared.clock import Ms
from shared.policy.terms import Status

FOR_THE_COMMAND = 72
"""Facts kept back for the command itself; what is still due then goes on at the next one. A tick needs none."""


def run_due(desk: Desk, at: Ms, kept: int = FOR_THE_COMMAND) -> Part:
    """Everything due by now, in order of its time, a slice of it: so many facts are `kept` for what comes after."""
    desk.facts_left -= kept
    while desk.facts_left > SLICE_ENDS:
        entry = desk.timers.first()
        if entry is None or entry[0] > at:
            break
        yield from DUE[entry[1]](desk, entry[2], at)
    desk.facts_left += kept


def next_timer(desk: Desk) -> Ms | None:
    """When the desk wants a tick: at the next due time, or now where a command ended with work still to be given.

    "Now" is the last command's time, so it moves with every slice of a longer work, and whoever asks for ticks sees
    that it goes on; it stays where a rule fails.
    """
    if desk.floor.unsettled:
        return desk.time
    entry = desk.timers.first()
    return max(entry[0], desk.time) if entry else None


def agent_due(desk: Desk, agent: str, at: Ms) -> Part:
    """Their time away is over, or their seat is."""
    yield from (empty_seat if desk.agents[agent].leaving else pull_back)(desk, agent, at)


def ticket_due(desk: Desk, ticket: str, at: Ms) -> Part:
    """A hold ends: the desk's turn. A reopen window ends, or the time to say that it was no spam: closed."""
    row = desk.tickets[ticket]
    closes = row.status is Status.RESOLVED or row.spam
    yield StatusChanged(
        ticket=ticket, former=row.status, status=Status.CLOSED if closes else Status.OPEN,
        cause="spam" if row.spam else "window_ended" if closes else "hold_ended", resolution=row.resolution, owner=row.owner,
        reopens=row.reopens,
    )  # fmt: skip
    if not closes and row.wants_work:
        yield from return_to_owner(desk, ticket, at, "hold_ended")


def work_due(desk: Desk, work: str, at: Ms) -> Part:
    """An offer lapses; an absent owner did not come back; waiting changed what is asked."""
    row = desk.work(work)
    if row is None:
        return
    if row.holding == "offered" and row.agent:
        agent = row.agent
        yield OfferLapsed(work=work, agent=agent, epoch=row.epoch, cause="timeout")
        yield from miss_offer(desk, agent)
        yield from queue(desk, work, at, "offer_timeout")
    elif row.holding == "held":
        lead = isinstance(row, Task) and row.purpose == "promise"
        yield from give_back(desk, work, at, "owner_away", lead=lead)
    else:
        yield from queue(desk, work, at, "asked_again" if row.not_agent else "relaxed")


def task_due(desk: Desk, task: str, at: Ms) -> Part:
    """Its time has come: it weighs from now on."""
    yield from begin_task(desk, task, at)


DUE: Mapping[str, Callable[[Desk, str, Ms], Part]] = {
    "agent": agent_due,
    "shift": end_shift,
    "task": task_due,
    "ticket": ticket_due,
    "work": work_due,
}
"""The same kinds as the desk's timers."""
