"""Work goes back to its owner, even above capacity; an owner who does not come back loses it."""

from typing import Any

import pytest

from shared.catalogue.commands import MergeTickets, RemoveAgent, TransferWork
from shared.catalogue.facts import (
    MessageReceived,
    OwnerChanged,
    StatusChanged,
    TaskOpened,
    WorkAssigned,
    WorkQueued,
    WorkReleased,
)
from shared.clock import HOUR, MINUTE
from shared.policy.terms import Channel, Status
from tests.unit.router.driving import ADMIN, LEAD, World


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


def test_who_is_ready_on_other_channels_only_is_not_there_for_it() -> None:
    world = World()
    ticket = pending(world)
    world.agent("omar")
    world.ready("amal", Channel.WHATSAPP)
    world.answer(ticket, "sara")
    assert world.wait(16 * MINUTE).assignee == "omar"


@pytest.mark.parametrize("before", ["not ready", "ready elsewhere"])
def test_who_comes_back_for_other_channels_only_is_not_back_for_it(before: str) -> None:
    world = World()
    ticket = pending(world)
    world.agent("omar")
    world.away("amal", "meeting")
    if before == "ready elsewhere":
        world.ready("amal", Channel.WHATSAPP)
    world.answer(ticket, "sara")
    world.ready("amal", Channel.CHAT)
    assert world.wait(16 * MINUTE).assignee == "omar"


def test_who_becomes_ready_on_its_channel_too_keeps_it() -> None:
    world = World()
    ticket = pending(world)
    world.ready("amal", Channel.WHATSAPP)
    world.answer(ticket, "sara")
    world.ready("amal", Channel.WHATSAPP, Channel.EMAIL)
    assert world.wait(HOUR).of(WorkReleased) == []
    assert world.holders()[ticket] == "amal"


def test_what_a_lead_gives_to_somebody_absent_is_somebody_elses_after_a_while() -> None:
    world = World()
    world.agent("omar")
    world.agent("amal", ready=False)
    ticket = world.mail("sara").ticket
    world.send(TransferWork(by=LEAD, work=ticket, agent="amal"))
    assert world.wait(15 * MINUTE - 1_000).of(WorkQueued) == []
    assert world.wait(2_000).one(WorkQueued).cause == "owner_away"
    assert world.holders() == {ticket: "omar"}


@pytest.mark.parametrize("shown", ["ready", "a reply"])
def test_who_was_given_it_while_absent_and_shows_up_keeps_it(shown: str) -> None:
    world = World()
    world.agent("omar")
    world.agent("amal", ready=False)
    ticket = world.mail("sara").ticket
    world.update(ticket, "omar", reply={"text": "a colleague knows more"})
    world.send(TransferWork(by=LEAD, work=ticket, agent="amal"))
    if shown == "ready":
        world.ready("amal")
    else:
        world.update(ticket, "amal", reply={"text": "I have read it"})
    assert world.wait(HOUR).of(WorkReleased) == []


def test_what_is_given_to_somebody_absent_and_put_aside_at_once_stays_theirs() -> None:
    world = World()
    world.agent("amal", ready=False)
    ticket = world.mail("sara").ticket
    world.update(ticket, owner="amal", status=Status.PENDING, reply={"text": "which card?"})
    assert world.wait(HOUR).of(WorkReleased) == []
    assert world.holders() == {ticket: "amal"}


def test_who_takes_something_is_there() -> None:
    world = World()
    world.agent("amal", ready=False)
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", owner="amal")
    assert world.wait(HOUR).of(WorkReleased) == []


def test_a_task_given_to_somebody_absent_waits_for_them_until_it_is_due_and_a_while_longer() -> None:
    world = World()
    world.agent("omar")
    world.agent("amal", ready=False)
    task = world.task(owner="amal", due_at=world.at + HOUR).one(TaskOpened).task
    world.wait(HOUR + 14 * MINUTE)
    assert world.holders() == {task: "amal"}
    world.wait(2 * MINUTE)
    assert world.holders() == {task: "omar"}


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
    world.update(ticket, status=Status.PENDING, reply={"text": "which card?"})
    outcome = world.answer(ticket, "sara")
    assert outcome.one(StatusChanged).cause == "customer_replied"
    assert outcome.one(WorkQueued).ticket == ticket


def answered(world: World) -> str:
    """Amal's open ticket, answered once, and somebody else who could have it; then Amal goes."""
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", reply={"text": "looking into it"})
    world.agent("omar")
    world.away("amal", "offline")
    assert world.holders()[ticket] == "amal"
    return ticket


def test_who_writes_again_on_an_open_ticket_waits_for_nobody_absent() -> None:
    world = World()
    ticket = answered(world)
    since = world.answer(ticket, "sara").one(MessageReceived).sent_at
    outcome = world.wait(16 * MINUTE)
    assert outcome.one(WorkReleased).cause == "owner_away"
    assert (outcome.assignee, outcome.one(WorkQueued).waiting_since) == ("omar", since)


def test_a_second_message_to_somebody_absent_gives_them_no_more_time() -> None:
    world = World()
    ticket = answered(world)
    world.answer(ticket, "sara")
    world.wait(10 * MINUTE)
    assert world.answer(ticket, "sara").names == ["MessageReceived"]
    assert world.wait(6 * MINUTE).assignee == "omar"


def test_thanks_to_somebody_absent_moves_nothing() -> None:
    world = World()
    ticket = answered(world)
    assert world.answer(ticket, "sara", thanks=True).names == ["MessageReceived"]
    assert world.wait(HOUR).of(WorkReleased) == []


def test_a_reply_that_never_arrived_waits_for_nobody_absent() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    delivery = world.update(ticket, "amal", reply={"text": "looking into it"}).deliveries[0]
    world.agent("omar")
    world.away("amal", "offline")
    world.report(delivery, "failed", permanent=True)
    assert world.wait(16 * MINUTE).assignee == "omar"


def test_what_is_merged_into_the_ticket_of_somebody_absent_waits_for_nobody_absent() -> None:
    world = World()
    into = answered(world)
    ticket = world.mail("sara").ticket
    world.send(MergeTickets(by=LEAD, ticket=ticket, into=into))
    assert world.wait(16 * MINUTE).assignee == "omar"


def test_a_ticket_opened_again_for_somebody_absent_waits_for_nobody_absent() -> None:
    world = World()
    ticket = pending(world)
    world.agent("omar")
    world.away("amal", "offline")
    world.update(ticket, status=Status.OPEN)
    assert world.wait(16 * MINUTE).assignee == "omar"
