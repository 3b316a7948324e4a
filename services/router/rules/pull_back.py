"""Work that leaves people who are not there: back to the queue, age kept; promises to the lead (domain: "Routing")."""

from services.router.desk.desk import Desk
from services.router.desk.work import Task, Ticket, Work
from services.router.rules.rejected import Part
from services.router.rules.work import give_back
from shared.catalogue.facts import PresenceChanged
from shared.clock import Ms
from shared.policy.terms import WorkKind

SLICE_ENDS = 12
"""So many facts are left when a slice ends: one item more may take four, and the command's rest its few."""
CUSTOMERS_WAIT_FOR = ("call_back", "promise")


def work_of(desk: Desk, agent: str) -> list[str]:
    """What the agent holds or is offered, the longest waiting first; the same order on every worker."""
    rows = ((desk.work(work), work) for work in desk.floor.seats[agent].held) if agent in desk.floor.seats else ()
    return [work for _, work in sorted((row.since, work) for row, work in rows if row is not None)]


def customer_waits(row: Work) -> bool:
    """Whether somebody outside waits for this item now. Pending work, and live calls, stay with whom they have."""
    if row.kind is WorkKind.CALL:
        return False
    if isinstance(row, Task):
        return row.begun and row.purpose in CUSTOMERS_WAIT_FOR
    return isinstance(row, Ticket) and row.wants_work and row.waiting_since is not None


def pull_back(desk: Desk, agent: str, at: Ms) -> Part:
    """Give back what customers wait for. Not ready stays not ready; when all is done, nothing is due any more."""
    for work in work_of(desk, agent):
        row = desk.work(work)
        if row is None or not (customer_waits(row) or row.holding == "offered"):
            continue
        if desk.facts_left <= SLICE_ENDS:
            return
        yield from hand_over(desk, work, at, "pulled_back")
    row_of_agent = desk.agents[agent]
    yield PresenceChanged(
        agent=agent, state=row_of_agent.state, channels=row_of_agent.channels, reason=row_of_agent.reason,
        until=None, cause="pulled_back",
    )  # fmt: skip


def hand_over(desk: Desk, work: str, at: Ms, cause: str) -> Part:
    """One item back to its queue: a promise to the lead."""
    row = desk.work(work)
    yield from give_back(desk, work, at, cause, lead=isinstance(row, Task) and row.purpose == "promise")
