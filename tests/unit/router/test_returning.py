"""Work goes back to its owner, even above capacity; an owner who does not come back loses it."""

from typing import Any

from shared.catalogue.commands import RemoveAgent
from shared.catalogue.facts import OwnerChanged, StatusChanged, WorkAssigned, WorkQueued, WorkReleased
from shared.clock import HOUR, MINUTE
from shared.policy.terms import Status
from tests.unit.router.driving import ADMIN, World


def pending(world: World, words: str = "", **agent: Any) -> str:
    """Amal's ticket, waiting for Sara."""
    world.agent("amal", **{"capacity": 2} | agent)
    ticket = world.mail("sara", words or ()).ticket
    world.update(ticket, "amal", status=Status.PENDING, reply={"text": "which card?"})
    return ticket


def test_a_customers_reply_returns_to_its_owner() -> None:
    world = World()
    ticket = pending(world)
    outcome = world.answer(ticket, "sara")
    fact = outcome.one(WorkAssigned)
    assert (fact.agent, fact.how, fact.forced, fact.why.strategy) == ("amal", "returned", False, "owner")
    assert outcome.of(WorkQueued) == []


def test_it_returns_even_above_capacity_and_says_so() -> None:
    world = World()
    ticket = pending(world)
    world.mail("omar")
    outcome = world.answer(ticket, "sara")
    assert outcome.one(WorkAssigned).forced
    assert world.desk.floor.seats["amal"].load == 4 > world.desk.agents["amal"].capacity


def test_above_capacity_nothing_more_is_given() -> None:
    world = World()
    ticket = pending(world)
    world.mail("omar")
    world.answer(ticket, "sara")
    assert world.mail("nora").assignee is None


def test_a_reopened_ticket_returns_to_who_resolved_it() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=Status.RESOLVED)
    assert world.holders() == {}
    outcome = world.answer(ticket, "sara")
    assert (outcome.one(WorkAssigned).agent, outcome.of(OwnerChanged)) == ("amal", [])


def test_a_team_may_want_it_in_the_queue() -> None:
    world = World()
    ticket = pending(world, "bill", team="billing")
    world.agent("omar", "billing")
    outcome = world.answer(ticket, "sara")
    assert outcome.one(WorkReleased).agent == "amal"
    assert outcome.one(WorkQueued).cause == "customer_replied"
    assert outcome.of(OwnerChanged)[0].owner is None


def test_an_absent_owner_has_the_teams_time_to_come_back() -> None:
    world = World()
    ticket = pending(world)
    world.agent("omar")
    world.away("amal", "meeting")
    world.answer(ticket, "sara")
    assert world.wait(15 * MINUTE - 1_000).of(WorkQueued) == []
    outcome = world.wait(2_000)
    assert (outcome.one(WorkReleased).cause, outcome.one(WorkQueued).cause) == ("owner_away", "owner_away")
    assert outcome.assignee == "omar"


def test_an_owner_who_comes_back_in_time_keeps_it() -> None:
    world = World()
    ticket = pending(world)
    world.agent("omar")
    world.away("amal", "meeting")
    world.answer(ticket, "sara")
    world.wait(10 * MINUTE)
    world.ready("amal")
    assert world.wait(HOUR).of(WorkReleased) == []
    assert world.holders()[ticket] == "amal"


def test_the_wait_counts_from_the_customers_message() -> None:
    world = World()
    ticket = pending(world)
    world.away("amal", "meeting")
    world.answer(ticket, "sara")
    since = world.desk.tickets[ticket].waiting_since
    assert world.wait(HOUR).one(WorkQueued).waiting_since == since


def test_work_of_somebody_who_left_goes_to_the_queue() -> None:
    world = World()
    ticket = pending(world)
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert world.desk.tickets[ticket].owner is None
    outcome = world.answer(ticket, "sara")
    assert outcome.one(WorkQueued).cause == "customer_replied"


def test_a_reopened_ticket_of_somebody_who_left_forgets_them() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=Status.RESOLVED)
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert world.desk.tickets[ticket].owner == "amal"
    outcome = world.answer(ticket, "sara")
    assert outcome.one(OwnerChanged).owner is None
    assert outcome.one(WorkQueued).work == ticket


def test_a_second_message_of_a_waiting_customer_moves_nothing() -> None:
    world = World()
    ticket = pending(world)
    world.answer(ticket, "sara")
    assert world.answer(ticket, "sara").names == ["MessageReceived"]


def test_returning_counts_as_no_turn() -> None:
    world = World()
    ticket = pending(world, capacity=12)
    turn = world.desk.agents["amal"].turn
    world.answer(ticket, "sara")
    assert world.desk.agents["amal"].turn == turn


def test_a_ticket_nobody_owns_waits_for_everybody() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    world.update(ticket, status=Status.PENDING)
    outcome = world.answer(ticket, "sara")
    assert outcome.one(StatusChanged).cause == "customer_replied"
    assert outcome.one(WorkQueued).ticket == ticket
