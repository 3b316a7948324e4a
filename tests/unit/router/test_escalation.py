"""What a clock asks for: notify, raise the priority, raise the tier, another team."""

from typing import Any

import pytest

from shared.catalogue.commands import EscalateTicket
from shared.catalogue.facts import TicketEscalated, TicketPrioritised, TicketRouted, WorkAssigned, WorkQueued
from shared.clock import HOUR
from shared.policy.terms import Priority, Status
from tests.unit.router.driving import SYSTEM, Outcome, World, principal


@pytest.fixture
def world() -> World:
    return World()


def escalate(world: World, ticket: str, **fields: Any) -> Outcome:
    given = {"by": SYSTEM, "ticket": ticket, "target": "first_reply", "cycle": 1, "cause": "breach"}
    return world.send(EscalateTicket.model_validate(given | fields))


def test_who_should_hear_is_told_and_nothing_moves(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    outcome = escalate(world, ticket, notify=("owner", "lead"))
    fact = outcome.one(TicketEscalated)
    assert (fact.target, fact.cycle, fact.cause, fact.notified) == ("first_reply", 1, "breach", ("owner", "lead"))
    assert outcome.names == ["TicketEscalated", "CommandSettled"]


def test_a_raised_priority_moves_it_up_the_queue(world: World) -> None:
    ticket = world.mail("sara").ticket
    outcome = escalate(world, ticket, raise_priority=Priority.HIGH)
    assert (outcome.one(TicketPrioritised).priority, outcome.one(WorkQueued).head_start) == (Priority.HIGH, 2 * HOUR)


@pytest.mark.parametrize("wish", [Priority.NORMAL, Priority.LOW])
def test_a_priority_is_never_lowered(world: World, wish: Priority) -> None:
    ticket = world.mail("sara").ticket
    assert escalate(world, ticket, raise_priority=wish).of(TicketPrioritised) == []


def test_the_next_tier_is_where_the_team_says(world: World) -> None:
    world.agent("amal")
    world.agent("expert", "experts")
    ticket = world.mail("sara").ticket
    outcome = escalate(world, ticket, raise_tier=True)
    routed = outcome.one(TicketRouted)
    assert (routed.former_team, routed.team, routed.tier, routed.cause) == ("front", "experts", 2, "escalated")
    assert outcome.one(WorkAssigned).agent == "expert"
    assert world.desk.tickets[ticket].owner == "expert"


def test_age_goes_along(world: World) -> None:
    ticket = world.mail("sara").ticket
    since = world.desk.tickets[ticket].opened
    world.wait(HOUR)
    assert escalate(world, ticket, raise_tier=True).one(WorkQueued).waiting_since == since


def test_the_last_tier_keeps_it(world: World) -> None:
    ticket = world.mail("sara").ticket
    escalate(world, ticket, raise_tier=True)
    assert escalate(world, ticket, raise_tier=True, cycle=2).of(TicketRouted) == []


def test_a_team_can_be_named(world: World) -> None:
    ticket = world.mail("sara").ticket
    outcome = escalate(world, ticket, to_team="billing")
    assert (outcome.one(TicketRouted).team, outcome.one(TicketRouted).tier) == ("billing", 1)


def test_a_team_the_policy_lost_is_no_place(world: World) -> None:
    ticket = world.mail("sara").ticket
    assert escalate(world, ticket, to_team="vanished").names == ["TicketEscalated", "CommandSettled"]


def test_everything_at_once(world: World) -> None:
    ticket = world.mail("sara").ticket
    outcome = escalate(world, ticket, raise_priority=Priority.URGENT, raise_tier=True, notify=("lead",))
    assert outcome.names == [
        "TicketEscalated", "TicketPrioritised", "WorkQueued", "TicketRouted", "WorkQueued", "CommandSettled",
    ]  # fmt: skip


def test_pending_tickets_change_team_without_waking_anybody(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", reply={"text": "Which card?"}, status=Status.PENDING)
    outcome = escalate(world, ticket, raise_tier=True)
    assert outcome.of(WorkQueued) == []
    assert (world.desk.tickets[ticket].team, world.desk.tickets[ticket].owner) == ("experts", None)


@pytest.mark.parametrize("paused", [{"status": Status.PENDING}, {"status": Status.ON_HOLD, "hold_reason": "snoozed"}])
def test_whoever_was_never_answered_is_somebody_else_s_at_once(world: World, paused: dict[str, Any]) -> None:
    world.agent("amal")
    world.agent("sami", "experts")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", **paused)
    assert escalate(world, ticket, raise_tier=True).assignee == "sami"
    assert world.desk.tickets[ticket].status is Status.OPEN


def test_what_is_gone_is_not_escalated(world: World) -> None:
    assert escalate(world, "nothing").refusal == "ticket_not_live"


def test_an_agent_escalates_what_is_theirs_by_hand(world: World) -> None:
    world.agent("amal")
    mine, other = world.mail("sara").ticket, world.mail("omar", "bill").ticket
    assert escalate(world, mine, by=principal("amal"), raise_tier=True).one(TicketRouted).team == "experts"
    assert escalate(world, other, by=principal("amal"), raise_tier=True).refusal == "forbidden"


def test_the_same_command_twice_is_done_once(world: World) -> None:
    ticket = world.mail("sara").ticket
    command = EscalateTicket(by=SYSTEM, ticket=ticket, target="first_reply", cycle=1, cause="breach")
    assert len(world.send(command, "sla-1").of(TicketEscalated)) == 1
    assert world.send(command, "sla-1").facts == []
