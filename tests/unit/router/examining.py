"""What must hold of a desk between any two commands, worked out the slow way from its rows alone."""

from collections import Counter
from dataclasses import asdict
from typing import Any

import orjson

from services.router.app import LOGIC
from services.router.desk.desk import Desk
from services.router.desk.people import Agent
from services.router.desk.work import Ticket, Work
from shared.catalogue.facts import MessageReceived
from shared.decider import Decider
from shared.policy.policy import Policy
from shared.policy.terms import AssignmentMode, Status, WorkKind


def check_desk(desk: Desk) -> None:
    """All of it."""
    items: dict[str, Work] = {**dict(desk.tickets.items()), **dict(desk.tasks.items())}
    if desk.policy is None:
        return
    loads = loads_of(desk, desk.policy, items)
    assert {agent: seat.load for agent, seat in desk.floor.seats.items()} == loads
    held = {agent: set(seat.held) for agent, seat in desk.floor.seats.items()}
    owned: dict[str, set[str]] = {agent: set() for agent in desk.floor.seats}
    for work, row in items.items():
        check_item(desk, work, row)
        if row.agent:
            owned[row.agent].add(work)
    assert held == owned
    if not desk.floor.unsettled:
        check_nothing_waits_needlessly(desk, desk.policy, items, loads)


def loads_of(desk: Desk, policy: Policy, items: dict[str, Work]) -> dict[str, int]:
    """Load derived from ownership (R7)."""
    loads: Counter[str] = Counter(dict.fromkeys(desk.agents, 0))
    for row in items.values():
        if row.agent:
            loads[row.agent] += policy.capacity.weight(
                row.kind, row.channel, row.phase, desk.agents[row.agent].capacity
            )
    return dict(loads)


def check_item(desk: Desk, work: str, row: Work) -> None:
    assert (row.agent is not None) == (row.holding in {"held", "offered"}), work
    if isinstance(row, Ticket):
        gone = row.spam or row.merged_into or row.status in {Status.RESOLVED, Status.CLOSED}
        assert not gone or row.holding == "idle", (work, row.status, row.holding)
        assert row.holding != "idle" or not row.wants_work, (work, row.status)
        assert row.holding != "held" or row.owner == row.agent, work
        aside = row.status in {Status.PENDING, Status.ON_HOLD} and row.until is None and row.merged_into is None
        assert row.holding != "idle" or row.waiting_since is None or not aside, f"{work} waits for nobody, {row.status}"
        assert row.holding not in {"queued", "offered"} or row.wants_work, (work, row.status)
    elif row.wants_work:
        assert row.holding != "idle", work


def check_nothing_waits_needlessly(desk: Desk, policy: Policy, items: dict[str, Work], loads: dict[str, int]) -> None:
    """L2: no routable item waits while an eligible agent has room, beyond its stated hold."""
    for work, row in items.items():
        if row.holding != "queued" or desk.team(row.team).mode is AssignmentMode.PULL:
            continue
        for agent, seat in desk.agents.items():
            if agent != row.not_agent:
                assert not could_have(policy, seat, row, loads[agent]), f"{work} waits while {agent} has room"


def check_nobody_absent_is_waited_for(desk: Desk, heard: list[MessageReceived]) -> None:
    """L2: who has just heard from a customer is there, or has a stated time to come back."""
    for message in heard:
        row = desk.tickets.get(message.ticket)
        asks = message.author_kind == "customer" and not message.thanks and not message.automatic
        if row is not None and asks and row.wants_work and row.holder:
            holder = desk.agents[row.holder]
            there = holder.state == "ready" and (not holder.channels or row.channel in holder.channels)
            assert there or row.due is not None, message


def could_have(policy: Policy, seat: Agent, row: Work, load: int) -> bool:
    weight = policy.capacity.weight(row.kind, row.channel, row.phase, seat.capacity)
    levels = dict(seat.able)
    return (
        seat.state == "ready"
        and not seat.leaving
        and seat.capacity > 0
        and row.team in seat.teams
        and (not seat.channels or row.channel in seat.channels or row.kind is WorkKind.TASK)
        and all(levels.get(skill, 0) >= level for skill, level in row.asked)
        and load + weight <= seat.capacity
    )


def portrait(desk: Desk) -> dict[str, Any]:
    """Everything the desk knows, saved or derived, in comparable form."""
    rows = {name: {key: asdict(row) for key, row in table.items()} for name, table in desk.tables().items()}
    seats = {agent: (seat.load, dict(sorted(seat.held.items()))) for agent, seat in desk.floor.seats.items()}
    names = {row.team for row in (*desk.tickets.values(), *desk.tasks.values())}
    waiting = {
        queue.sort: (queue.length, queue.head())
        for team in sorted(names)
        for queue in desk.floor.crew(team).queues.values()
    }
    return {
        "rows": rows, "rest": orjson.dumps(desk.rest()), "seats": seats, "waiting": waiting,
        "timer": desk.timers.first(), "customers": {row.customer: desk.tickets_of(row.customer) for row in desk.tickets.values()},
        "remembered": {name: len(memory) for name, memory in desk.memories.items()},
    }  # fmt: skip


def reloaded(decider: Decider[Desk]) -> Decider[Desk]:
    """A worker that starts from what this one would save now."""
    chunks = {name: content for name, content in saved(decider).items() if content is not None}
    fresh: Decider[Desk] = Decider(LOGIC, 0)
    fresh.load(chunks)
    return fresh


def saved(decider: Decider[Desk]) -> dict[str, bytes | None]:
    decider.unsaved()
    return dict(decider.save())
