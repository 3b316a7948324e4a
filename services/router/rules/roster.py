"""Seats: who works here, on which teams, with what skills, until they leave."""

from services.router.desk.desk import Desk
from services.router.desk.needs import as_skills
from services.router.rules.access import allow, known_agent, known_team
from services.router.rules.pull_back import SLICE_ENDS, hand_over, work_of
from services.router.rules.rejected import Part, Rejected, Rule
from shared.catalogue.commands import PlanShifts, PutAgent, RemoveAgent
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import AgentConfigured, AgentRemoved, ShiftsPlanned
from shared.catalogue.values import Span
from shared.clock import Ms
from shared.permissions import may_seat, seat_refusal
from shared.policy.policy import Policy


def put_agent(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Add a seat or change it; what is left out stays. A new one has the policy's capacity and is not ready."""
    command: PutAgent = envelope.body
    row = desk.agents.get(command.agent)
    if reason := seat_refusal(command.by, command.role, row.role if row else None):
        raise Rejected(reason)
    teams = [*([command.team] if command.team else []), *(command.secondary_teams or ())]
    for team in teams:
        known_team(desk, team)
    policy = desk.policy
    _check_skills(policy, command)
    language = command.language or (row.language if row else policy.desk.language if policy else "en")
    capacity = row.capacity if row else policy.capacity.points if policy else 0
    yield AgentConfigured(
        agent=command.agent, role=command.role or (row.role if row else "agent"), language=language,
        capacity=command.capacity if command.capacity is not None else capacity,
        team=command.team or (row.team if row else None),
        secondary_teams=(row.secondary_teams if row else ()) if command.secondary_teams is None else command.secondary_teams,
        skills=(as_skills(row.skills) if row else ()) if command.skills is None else command.skills,
    )  # fmt: skip
    return {"agent": command.agent}


def _check_skills(policy: Policy | None, command: PutAgent) -> None:
    """Skills are the policy's, and languages; what a role adds is no skill to be given."""
    known = policy.skills if policy else {}
    if any(skill.id not in known and not skill.id.startswith("language:") for skill in command.skills or ()):
        raise Rejected("unknown_skill")


def remove_agent(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """The seat ends at once; its work goes back to the queues, as much as fits now and the rest tick by tick."""
    command: RemoveAgent = envelope.body
    agent = known_agent(desk, command.agent)
    allow(desk, command.by, "people.remove")
    if not may_seat(command.by, desk.agents[agent].role):
        raise Rejected("forbidden")
    yield AgentRemoved(agent=agent)
    yield from empty_seat(desk, agent, at)
    return {}


def empty_seat(desk: Desk, agent: str, at: Ms) -> Part:
    """Give back what a removed agent holds, oldest wait first. The cursor is what they still hold."""
    for work in work_of(desk, agent):
        if desk.facts_left <= SLICE_ENDS:
            return
        yield from hand_over(desk, work, at, "agent_removed")


def plan_shifts(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """The coming shifts, in order. Those that touch or overlap are one: nobody is sent home in between."""
    command: PlanShifts = envelope.body
    agent = known_agent(desk, command.agent)
    allow(desk, command.by, "shifts.plan")
    if any(shift.end <= shift.start for shift in command.shifts):
        raise Rejected("shift_ends_before_it_starts")
    joined: list[Span] = []
    for shift in sorted(command.shifts, key=lambda span: (span.start, span.end)):
        if joined and shift.start <= joined[-1].end:
            joined[-1] = Span(start=joined[-1].start, end=max(joined[-1].end, shift.end))
        else:
            joined.append(shift)
    yield ShiftsPlanned(agent=agent, shifts=tuple(joined))
    return {}
