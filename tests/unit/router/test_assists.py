"""Help by another team: a task on the ticket, whose result comes back to whoever owns it."""

from typing import Any

import pytest

from shared.catalogue.commands import CompleteTask, MergeTickets
from shared.catalogue.facts import MessageNoted, TaskOpened, WorkAssigned, WorkFinished, WorkQueued
from shared.catalogue.rule_sets import ASSISTS
from shared.clock import HOUR
from shared.ids import note_id
from shared.policy.terms import Status
from tests.unit.router.driving import LEAD, Outcome, World, principal

AMAL, EXPERT = principal("amal"), principal("nour")


@pytest.fixture
def world() -> World:
    """Amal answers at the front; Nour is one of the experts, the next tier."""
    world = World()
    world.switch(ASSISTS)
    world.agent("amal")
    world.agent("nour", "experts")
    return world


def ask(world: World, ticket: str | None, **fields: Any) -> Outcome:
    return world.task("assist", by=AMAL, ticket=ticket, due_at=world.at + HOUR, **fields)


def complete(world: World, task: str, result: str = "It was charged twice.") -> Outcome:
    return world.send(CompleteTask(by=EXPERT, task=task, result=result), "done-1")


def test_an_expert_helps_and_the_ticket_stays_whose_it_is(world: World) -> None:
    ticket = world.mail().ticket
    asked = ask(world, ticket, note="Was it charged twice?")
    task = asked.one(TaskOpened).task
    assert (asked.one(TaskOpened).team, asked.one(TaskOpened).ticket) == ("experts", ticket)
    assert (asked.one(WorkQueued).tier, asked.one(WorkQueued).ticket) == (2, ticket)
    assert (asked.one(WorkAssigned).work, asked.assignee) == (task, "nour")
    assert world.holders() == {ticket: "amal", task: "nour"}
    done = complete(world, task)
    assert done.one(MessageNoted) == MessageNoted(message=note_id("done-1"), ticket=ticket, by="nour")
    assert (done.one(WorkFinished).work, done.settled.made) == (task, {"note": note_id("done-1")})
    assert world.holders() == {ticket: "amal"}
    assert world.desk.tickets[ticket].owner == "amal"
    assert not any(b"charged twice" in record.value for record in world.published)


def test_a_team_or_a_person_may_be_named(world: World) -> None:
    ticket = world.mail().ticket
    world.agent("basim", "billing", ready=False)
    assert ask(world, ticket, team="cards").one(TaskOpened).team == "cards"
    named = ask(world, ticket, owner="basim").one(TaskOpened)
    assert (named.team, named.owner) == ("billing", "basim")


def test_above_the_highest_tier_the_own_team_helps(world: World) -> None:
    ticket = world.mail().ticket
    world.update(ticket, team="experts")
    assert world.task("assist", ticket=ticket).one(TaskOpened).team == "experts"


def test_it_begins_at_once_and_is_due_later(world: World) -> None:
    assert world.desk.tasks[ask(world, world.mail().ticket).one(TaskOpened).task].begun


@pytest.mark.parametrize(("ticket", "refusal"), [(None, "no_such_ticket"), ("gone", "no_such_ticket")])
def test_help_is_for_a_ticket(world: World, ticket: str | None, refusal: str) -> None:
    assert ask(world, ticket).refusal == refusal


def test_help_is_for_a_ticket_that_lives(world: World) -> None:
    ticket, other = world.mail().ticket, world.mail("omar").ticket
    world.send(MergeTickets(by=LEAD, ticket=ticket, into=other))
    assert ask(world, ticket).refusal == "ticket_merged"
    world.update(other, status=Status.RESOLVED)
    world.update(other, status=Status.CLOSED)
    assert ask(world, other).refusal == "ticket_not_live"


def test_only_who_works_on_a_ticket_asks_for_help_with_it(world: World) -> None:
    ticket = world.mail("sara", "bill").ticket
    assert ask(world, ticket).refusal == "forbidden"


def test_before_these_rules_are_in_force_nobody_asks(world: World) -> None:
    ticket = world.mail().ticket
    world.switch(ASSISTS, on=False)
    outcome = ask(world, ticket)
    assert (outcome.refusal, outcome.names) == ("rules_not_in_force", ["CommandSettled"])


def test_a_result_follows_a_merge_to_where_the_ticket_lives_on(world: World) -> None:
    ticket, other = world.mail().ticket, world.mail("omar").ticket
    task = ask(world, ticket).one(TaskOpened).task
    world.send(MergeTickets(by=LEAD, ticket=ticket, into=other))
    assert complete(world, task).one(MessageNoted).ticket == other


def test_a_ticket_that_was_closed_meanwhile_gets_no_note(world: World) -> None:
    ticket = world.mail().ticket
    task = ask(world, ticket).one(TaskOpened).task
    world.update(ticket, status=Status.RESOLVED)
    world.update(ticket, status=Status.CLOSED)
    assert complete(world, task).names[:2] == ["TaskCompleted", "WorkFinished"]


def test_without_a_result_there_is_nothing_to_note(world: World) -> None:
    task = ask(world, world.mail().ticket).one(TaskOpened).task
    done = complete(world, task, "")
    assert (done.refusal, done.of(MessageNoted), done.settled.made) == (None, [], {})


def test_the_results_of_other_tasks_stay_with_them(world: World) -> None:
    ticket = world.mail().ticket
    task = world.task("follow_up", ticket=ticket).one(TaskOpened).task
    assert world.send(CompleteTask(by=LEAD, task=task, result="fine")).of(MessageNoted) == []


def test_help_already_asked_for_can_be_given_after_the_rules_are_switched_off(world: World) -> None:
    ticket = world.mail().ticket
    task = ask(world, ticket).one(TaskOpened).task
    world.switch(ASSISTS, on=False)
    assert complete(world, task).one(MessageNoted).ticket == ticket
