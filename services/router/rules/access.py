"""Permissions, checked again where it counts: against the desk's own state (R7)."""

from services.router.desk.desk import Desk
from services.router.desk.work import Task, Ticket, Work
from services.router.rules.rejected import Rejected
from shared.catalogue.values import Principal
from shared.permissions import may


def allow(desk: Desk, by: Principal, act: str, row: Work | None = None, *, own: bool = False) -> None:
    """Raise Rejected("forbidden") unless the principal may do this to this item (or to what is their `own`)."""
    seat = desk.agents.get(by.id)
    teams = seat.teams if seat is not None and not seat.leaving else ()
    owned = own or (row is not None and by.id in _owners(desk, row))
    if not may(by, act, own=owned, team=row is not None and row.team in teams):
        raise Rejected("forbidden")


def _owners(desk: Desk, row: Work) -> tuple[str | None, ...]:
    """Who holds it or is offered it, who is responsible for the ticket, for a task also its ticket's owner."""
    if isinstance(row, Ticket):
        return row.agent, row.owner
    ticket = desk.ticket(row.ticket) if isinstance(row, Task) else None
    return row.agent, ticket.owner if ticket else None


def live_ticket(desk: Desk, ticket: str) -> Ticket:
    """The ticket, to be acted on. Raises Rejected("ticket_not_live") for closed and unknown, ("ticket_merged") ones."""
    row = desk.ticket(ticket)
    if row is None:
        raise Rejected("ticket_not_live")
    if row.merged_into:
        raise Rejected("ticket_merged")
    return row


def known_agent(desk: Desk, agent: str) -> str:
    """The seat's id. Raises Rejected("no_such_agent") where there is none, or it is being left."""
    row = desk.agents.get(agent)
    if row is None or row.leaving:
        raise Rejected("no_such_agent")
    return agent


def known_team(desk: Desk, team: str) -> str:
    """The team's id. Raises Rejected("no_such_team")."""
    if desk.policy is None or team not in desk.policy.teams:
        raise Rejected("no_such_team")
    return team
