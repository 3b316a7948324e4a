"""Which team and tier a ticket is with, and what that means for whoever has it."""

from services.router.desk.desk import Desk
from services.router.desk.needs import as_skills
from services.router.rules.access import allow, live_ticket
from services.router.rules.rejected import Part, Rule
from services.router.rules.words import check_words
from services.router.rules.work import give_back, queue
from shared.catalogue.commands import EscalateTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import TicketEscalated, TicketPrioritised, TicketRouted
from shared.clock import Ms
from shared.policy.terms import Priority

URGENCY = {priority: rank for rank, priority in enumerate(Priority)}
"""The most urgent first."""


def route(desk: Desk, ticket: str, team: str, at: Ms, cause: str, *, tier: int | None = None) -> Part:
    """Hand the ticket to a team, needs and age kept. Whoever has it and belongs there too keeps it."""
    row = desk.tickets[ticket]
    to_tier = tier if tier is not None else desk.team(team).tier
    if (row.team, row.tier) == (team, to_tier):
        return
    yield TicketRouted(
        ticket=ticket, former_team=row.team, team=team, tier=to_tier, skills=as_skills(row.needs), cause=cause
    )
    if row.holding == "queued":
        yield from queue(desk, ticket, at, cause)
    elif row.agent and team not in desk.agents[row.agent].teams:
        yield from give_back(desk, ticket, at, cause)


def prioritise(desk: Desk, ticket: str, priority: Priority, at: Ms, cause: str) -> Part:
    """A new priority, and with it a new head start for what waits."""
    row = desk.tickets[ticket]
    if row.priority is priority:
        return
    yield TicketPrioritised(ticket=ticket, former=row.priority, priority=priority, cause=cause)
    if row.holding == "queued":
        yield from queue(desk, ticket, at, cause, not_agent=row.not_agent)


def escalate(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """What a clock's warning or breach asks for. A priority is only ever raised; the next tier is where the team's
    `escalates_to` says, and a team without one keeps the work."""
    command: EscalateTicket = envelope.body
    row = live_ticket(desk, command.ticket)
    allow(desk, command.by, "ticket.escalate", row)
    check_words((command.target, command.cause, *command.notify))
    yield TicketEscalated(
        ticket=command.ticket, target=command.target, cycle=command.cycle, cause=command.cause, notified=command.notify
    )
    if command.raise_priority is not None and URGENCY[command.raise_priority] < URGENCY[row.priority]:
        yield from prioritise(desk, command.ticket, command.raise_priority, at, "escalated")
    above = desk.team(row.team).escalates_to if command.raise_tier else None
    team = command.to_team or above
    if team is not None and desk.policy is not None and team in desk.policy.teams:
        tier = max(row.tier + 1, desk.team(team).tier) if above == team else desk.team(team).tier
        yield from route(desk, command.ticket, team, at, "escalated", tier=tier)
    return {}
