"""What facts about agents do to the desk."""

from services.router.desk.desk import Desk
from services.router.desk.needs import LEAD, needs_of
from services.router.desk.people import Agent
from services.router.evolve.work import drop_if_gone
from shared.catalogue.facts import AgentConfigured, AgentRemoved, PresenceChanged, ShiftsPlanned
from shared.clock import Ms


def configured(desk: Desk, fact: AgentConfigured, at: Ms) -> None:
    if fact.agent in desk.agents:
        row = desk.agents.change(fact.agent)
    else:
        row = desk.agents.add(
            fact.agent, Agent(role=fact.role, language=fact.language, capacity=0, team=None, shift_mark=at)
        )
    row.role, row.language, row.capacity, row.leaving = fact.role, fact.language, fact.capacity, False
    row.team, row.secondary_teams, row.skills = fact.team, fact.secondary_teams, needs_of(fact.skills)
    led = _led_by(desk, fact.agent)
    seat = desk.floor.put_seat(fact.agent, row)
    _ask_anybody(desk, led, at)
    for work in [*seat.held]:
        held = desk.work(work)
        if held is not None:
            desk.floor.weigh(work, held)


def removed(desk: Desk, fact: AgentRemoved, at: Ms) -> None:
    row = desk.agents.change(fact.agent)
    row.leaving, row.state, row.until = True, "not_ready", None
    led = _led_by(desk, fact.agent)
    desk.floor.put_seat(fact.agent, row)
    _ask_anybody(desk, led, at)
    drop_if_gone(desk, fact.agent)
    desk.timers.set("agent", fact.agent)


def _led_by(desk: Desk, agent: str) -> list[str]:
    """The teams whose lead this is."""
    seat = desk.floor.seats.get(agent)
    return [team for team in seat.ranks if agent in desk.floor.crew(team).leads] if seat else []


def _ask_anybody(desk: Desk, teams: list[str], at: Ms) -> None:
    """What waits for a lead of a team that has none any more is looked at again, now."""
    for crew in [desk.floor.crew(team) for team in teams]:
        for queue in [] if crew.leads else [*crew.queues.values()]:
            for work in queue.waiting() if queue.sort.needs == LEAD else ():
                desk.change_work(work).due = at
                desk.timers.set("work", work)


def presence_changed(desk: Desk, fact: PresenceChanged, at: Ms) -> None:
    row = desk.agents.change(fact.agent)
    if fact.state == "ready" and row.state != "ready":
        row.idle_since = at
    if (fact.state, fact.reason) != (row.state, row.reason):
        row.away_since = at
    row.state, row.channels, row.reason, row.until = fact.state, fact.channels, fact.reason, fact.until
    _back(desk, fact.agent)
    if fact.cause == "shift_ended":
        row.shift_mark = at
        desk.timers.set("shift", fact.agent)
    desk.floor.rehouse(desk.floor.seats[fact.agent])
    desk.timers.set("agent", fact.agent)


def _back(desk: Desk, agent: str) -> None:
    """Whoever is back in time keeps what returned to them, as far as they are there for it."""
    for work in desk.floor.seats[agent].held:
        row = desk.item(work)
        if row.holding == "held" and row.due is not None and desk.agents[agent].is_there_for(row.kind, row.channel):
            desk.change_work(work).due = None


def shifts_planned(desk: Desk, fact: ShiftsPlanned, at: Ms) -> None:
    row = desk.agents.change(fact.agent)
    row.shifts = tuple((shift.start, shift.end) for shift in fact.shifts)
    row.shift_mark = at
    desk.timers.set("shift", fact.agent)
