"""Who gets what waits: the best item goes first, to whom its team's strategy says, and the fact tells why."""

from services.router.desk.crews import CLOSEST, Crew, can
from services.router.desk.desk import Desk
from services.router.desk.floor import Match
from services.router.desk.needs import meets
from services.router.desk.queues import Queue
from services.router.desk.seats import Entry
from services.router.desk.work import Task, Ticket, Work
from services.router.rules.rejected import Part
from services.router.rules.work import hold, ticket_of
from services.router.strategies import STRATEGIES
from shared.catalogue.facts import WorkOffered
from shared.catalogue.values import Candidate, Why
from shared.clock import Ms
from shared.policy.terms import AssignmentMode

LAST_FACTS = 4
"""Kept back: an assignment takes up to three facts, the command's outcome one. The rest goes on at the next tick."""


def assign_waiting(desk: Desk, at: Ms) -> Part:
    """Give or offer all that can be given now: afterwards nothing waits that somebody eligible has room for."""
    while desk.facts_left > LAST_FACTS:
        match = desk.floor.next_match()
        if match is None:
            return
        crew = desk.floor.crew(match.queue.sort.team)
        why = explain(desk, crew, match, at)
        if crew.team.mode is AssignmentMode.OFFER:
            yield offer(desk, crew, match, at, why)
        else:
            yield from hold(desk, match.work, match.agent, at, "automatic", why)


def offer(desk: Desk, crew: Crew, match: Match, at: Ms, why: Why) -> WorkOffered:
    """Ask the agent; meanwhile the item takes their room."""
    row = desk.item(match.work)
    seat = desk.floor.seats[match.agent]
    return WorkOffered(
        work=match.work, ticket=ticket_of(match.work, row), agent=match.agent, epoch=row.epoch + 1,
        until=at + crew.team.offer_timeout, why=why,
        weight=desk.floor.weights.taken(row.kind, row.channel, row.phase, seat.capacity),
    )  # fmt: skip


def explain(desk: Desk, crew: Crew, match: Match, at: Ms) -> Why:
    """Everybody in a team of up to eight; of a larger one the closest eight, and how many were excluded for what."""
    row = desk.item(match.work)
    closest, excluded = crew.survey(match.queue)
    everybody = len(crew.members) <= CLOSEST
    return Why(
        rule=rule_of(row), strategy=crew.team.strategy, policy_version=desk.policy_version,
        waited=max(0, at - row.since), excluded=excluded,
        candidates=_everybody(desk, crew, match.queue) if everybody else _closest(desk, crew, closest),
    )  # fmt: skip


def rule_of(row: Work) -> str:
    """What brought the item to its team: the classification rule, or what the task is for."""
    return row.rule if isinstance(row, Ticket) else row.purpose if isinstance(row, Task) else ""


def _closest(desk: Desk, crew: Crew, entries: list[Entry]) -> tuple[Candidate, ...]:
    seats = desk.floor.seats
    return tuple(
        Candidate(
            agent=agent, load=seats[agent].load, capacity=seats[agent].capacity, score=score, rank=crew.members[agent]
        )
        for score, _, agent in entries
    )


def _everybody(desk: Desk, crew: Crew, queue: Queue) -> tuple[Candidate, ...]:
    score = STRATEGIES[crew.team.strategy]
    seats = [desk.floor.seats[agent] for agent in sorted(crew.members)]
    return tuple(
        Candidate(
            agent=seat.agent, load=seat.load, capacity=seat.capacity, score=score(seat)[0], rank=crew.members[seat.agent],
            excluded=_exclusion(desk, crew, seat.agent, queue),
        )
        for seat in seats
    )  # fmt: skip


def _exclusion(desk: Desk, crew: Crew, agent: str, queue: Queue) -> str | None:
    seat = desk.floor.seats[agent]
    group = next((group for team, group, _, _ in seat.places if team == crew.name), None)
    if group is None:
        return "not_ready"
    if not can(group, queue):
        return "channel" if meets(group.kind.skills, queue.sort.needs) else "skills"
    if not seat.has_room(queue.points):
        return "capacity"
    return "passed" if queue.sort.not_agent == agent else None
