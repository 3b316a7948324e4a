"""Tasks: work with a due time."""

from typing import Any

import pytest

from shared.catalogue.commands import CompleteTask, DeclineOffer, OpenTask, RemoveAgent, TransferWork
from shared.catalogue.facts import (
    TaskCompleted,
    TaskOpened,
    WorkAssigned,
    WorkFinished,
    WorkOffered,
    WorkQueued,
    WorkReleased,
)
from shared.catalogue.values import Principal
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Channel, Status
from tests.unit.router.driving import ADMIN, LEAD, SYSTEM, Outcome, World, principal


@pytest.fixture
def world() -> World:
    return World()


def complete(world: World, task: str, by: Principal = LEAD) -> Outcome:
    return world.send(CompleteTask(by=by, task=task, result="all is well"))


def test_a_task_that_is_due_goes_to_whoever_can(world: World) -> None:
    world.agent("amal")
    outcome = world.task(team="front")
    task = outcome.one(TaskOpened)
    assert (outcome.one(WorkAssigned).work, outcome.assignee) == (task.task, "amal")
    assert outcome.one(WorkAssigned).weight == 1
    assert outcome.settled.made == {"task": task.task}


def test_a_call_back_waits_for_its_time(world: World) -> None:
    world.agent("amal")
    outcome = world.task(team="front", due_at=world.at + HOUR)
    assert outcome.names == ["TaskOpened", "CommandSettled"]
    due = world.wait(HOUR + 1)
    assert (due.one(WorkQueued).cause, due.assignee) == ("due", "amal")
    assert due.one(WorkQueued).waiting_since == world.desk.tasks[due.one(WorkQueued).work].due_at


def test_an_owned_task_weighs_nothing_until_it_is_due(world: World) -> None:
    world.agent("amal", capacity=1)
    task = world.task(owner="amal", due_at=world.at + HOUR).one(TaskOpened).task
    assert (world.holders(), world.desk.floor.seats["amal"].load) == ({task: "amal"}, 0)
    due = world.wait(HOUR + 1).one(WorkAssigned)
    assert (due.how, due.why.strategy) == ("returned", "due")
    assert (due.weight, due.forced) == (1, False)
    assert world.desk.floor.seats["amal"].load == 1


def test_a_task_that_is_due_says_when_it_is_too_much_for_its_owner(world: World) -> None:
    world.agent("amal", capacity=1)
    world.task(owner="amal", due_at=world.at + HOUR)
    assert world.task(owner="amal").one(WorkAssigned).weight == 1
    due = world.wait(HOUR + 1).one(WorkAssigned)
    assert (due.weight, due.forced) == (1, True)


def test_an_absent_owner_of_a_due_task_loses_it_after_a_while(world: World) -> None:
    world.agent("amal")
    world.agent("omar")
    task = world.task(owner="amal", due_at=world.at + HOUR).one(TaskOpened).task
    world.away("amal", "meeting")
    world.wait(HOUR + 1)
    assert world.holders() == {task: "amal"}
    world.wait(15 * MINUTE)
    assert world.holders() == {task: "omar"}


def test_a_low_score_is_the_leads_at_once(world: World) -> None:
    world.agent("amal")
    world.agent("chief", role="lead", ready=False)
    queued = world.task("low_score", team="front", due_at=world.at + DAY).one(WorkQueued)
    assert [skill.id for skill in queued.skills] == ["role:lead"]
    assert world.holders() == {}
    assert world.ready("chief").assignee == "chief"


def test_without_any_lead_a_low_score_is_everybodys(world: World) -> None:
    world.agent("amal")
    assert world.task("low_score", team="front", due_at=world.at + DAY).assignee == "amal"


def test_a_ticket_gives_its_task_team_channel_and_priority(world: World) -> None:
    ticket = world.mail("sara", "fraud").ticket
    queued = world.task("follow_up", ticket=ticket).one(WorkQueued)
    row = world.desk.tickets[ticket]
    assert (queued.team, queued.channel, queued.priority, queued.ticket) == (
        row.team, row.channel, row.priority, ticket,
    )  # fmt: skip


def test_an_owner_gives_their_team_and_else_it_is_the_first(world: World) -> None:
    world.agent("amal", "billing", ready=False)
    assert world.task(owner="amal").one(TaskOpened).team == "billing"
    assert world.task().one(TaskOpened).team == "front"


@pytest.mark.parametrize(
    ("fields", "refusal"), [({"owner": "nobody"}, "no_such_agent"), ({"team": "nowhere"}, "no_such_team")]
)
def test_a_task_for_nobody_is_refused(world: World, fields: dict[str, Any], refusal: str) -> None:
    assert world.task(by=LEAD, **fields).refusal == refusal


def test_a_service_may_name_a_team_that_is_gone(world: World) -> None:
    ticket = world.mail("sara", "card").ticket
    assert world.task("low_score", team="gone", ticket=ticket).one(TaskOpened).team == "cards"
    assert world.task("low_score", team="gone", ticket="closed long ago").one(TaskOpened).team == "front"


def test_an_id_is_used_once(world: World) -> None:
    world.task(task="call-1")
    assert world.task(task="call-1").refusal == "already_exists"


def test_before_any_policy_there_are_no_tasks() -> None:
    assert World.without_policy().task().refusal == "no_policy"


@pytest.mark.parametrize(
    ("by", "refusal"), [(principal("sara", "customer"), "forbidden"), (SYSTEM, None), (LEAD, None)]
)
def test_who_may_open_one(world: World, by: Principal, refusal: str | None) -> None:
    assert world.task(by=by).refusal == refusal


def test_an_agent_opens_tasks_for_themselves_and_on_their_tickets(world: World) -> None:
    world.agent("amal")
    mine = world.mail("sara").ticket
    other = world.mail("omar", "bill").ticket
    assert world.task(by=principal("amal"), owner="amal").refusal is None
    assert world.task(by=principal("amal"), ticket=mine).refusal is None
    assert world.task(by=principal("amal"), ticket=other).refusal == "forbidden"
    assert world.task("promise", by=principal("amal"), ticket=other, owner="amal").refusal == "forbidden"


def test_completing_ends_it(world: World) -> None:
    world.agent("amal")
    task = world.task(team="front").one(TaskOpened).task
    outcome = complete(world, task, principal("amal"))
    assert (outcome.one(TaskCompleted).by, outcome.one(WorkFinished).agent) == ("amal", "amal")
    assert task not in world.desk.tasks
    assert complete(world, task).refusal == "no_such_task"
    assert not any(b"all is well" in record.value for record in world.published)


def test_a_task_nobody_has_begun_can_be_completed(world: World) -> None:
    task = world.task(due_at=world.at + DAY).one(TaskOpened).task
    assert complete(world, task).one(WorkFinished).agent is None
    assert world.wait(2 * DAY).facts == []


def test_others_tasks_are_not_ones_own_to_complete(world: World) -> None:
    world.agent("amal", "billing")
    task = world.task(team="front").one(TaskOpened).task
    assert complete(world, task, principal("amal")).refusal == "forbidden"


def test_completing_makes_room(world: World) -> None:
    world.agent("amal", capacity=1)
    first = world.task(team="front").one(TaskOpened).task
    second = world.task(team="front").one(TaskOpened).task
    assert complete(world, first).one(WorkAssigned).work == second


def test_a_promise_of_somebody_who_leaves_is_the_leads(world: World) -> None:
    world.agent("amal")
    world.agent("chief", role="lead", capacity=0)
    ticket = world.mail("sara").ticket
    task = world.update(ticket, "amal", promise={"due_at": world.at + HOUR}).one(TaskOpened).task
    world.wait(HOUR + 1)
    assert world.holders()[task] == "amal"
    outcome = world.away("amal", "offline")
    queued = next(fact for fact in outcome.of(WorkQueued) if fact.work == task)
    assert [skill.id for skill in queued.skills] == ["role:lead"]


def test_a_promise_not_due_yet_stays_when_its_owner_goes_home(world: World) -> None:
    world.agent("amal")
    task = world.task("promise", owner="amal", due_at=world.at + DAY).one(TaskOpened).task
    world.away("amal", "offline")
    assert world.holders() == {task: "amal"}


def test_a_promise_whose_owner_is_gone_is_the_leads_when_due(world: World) -> None:
    world.agent("amal")
    world.agent("omar")
    world.agent("chief", role="lead")
    task = world.task("promise", owner="amal", team="front", due_at=world.at + DAY).one(TaskOpened).task
    outcome = world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert outcome.one(WorkReleased).work == task
    assert world.holders() == {}
    world.wait(DAY + 1)
    assert world.holders() == {task: "chief"}


def test_a_follow_up_stays_with_its_owner_on_a_break(world: World) -> None:
    world.agent("amal")
    task = world.task("follow_up", owner="amal").one(TaskOpened).task
    world.away("amal", "break")
    world.wait(HOUR)
    assert world.holders() == {task: "amal"}


def test_a_task_goes_to_another_team_or_person(world: World) -> None:
    world.agent("amal")
    task = world.task(team="front").one(TaskOpened).task
    moved = world.send(TransferWork(by=LEAD, work=task, team="billing"))
    assert (moved.one(WorkQueued).team, world.holders()) == ("billing", {})
    world.agent("omar", "billing", ready=False)
    given = world.send(TransferWork(by=LEAD, work=task, agent="omar"))
    assert given.one(WorkAssigned).agent == "omar"


def test_tasks_belong_to_no_channel(world: World) -> None:
    world.agent("amal", ready=False)
    world.ready("amal", Channel.WHATSAPP)
    assert world.task(team="front").assignee == "amal"


def test_a_task_outlives_its_ticket(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    task = world.task(ticket=ticket).one(TaskOpened).task
    world.update(ticket, "amal", status=Status.RESOLVED)
    world.wait(30 * DAY)
    assert complete(world, task, principal("amal")).one(TaskCompleted).ticket == ticket


def test_the_notes_of_a_task_stay_out_of_facts(world: World) -> None:
    world.send(OpenTask(by=LEAD, task="t", purpose="follow_up", due_at=world.at, note="my secret"))
    assert not any(b"secret" in record.value for record in world.published)


def test_a_transfer_to_a_person_in_another_team_does_both(world: World) -> None:
    world.agent("amal")
    world.agent("omar", "cards", ready=False)
    task = world.task(team="front").one(TaskOpened).task
    outcome = world.send(TransferWork(by=LEAD, work=task, team="cards", agent="omar"))
    assert (world.desk.tasks[task].team, outcome.assignee) == ("cards", "omar")


def test_there_is_no_task_on_a_ticket_that_is_not(world: World) -> None:
    world.agent("amal")
    assert world.task(by=principal("amal"), ticket="nothing", owner="amal").refusal == "no_such_ticket"
    assert world.task("low_score", ticket="forgotten").refusal is None


@pytest.mark.parametrize("passes", ["timeout", "declined"])
def test_a_promise_that_is_offered_to_leads_stays_theirs(world: World, passes: str) -> None:
    world.agent("lea", "asked", role="lead")
    world.agent("amal", "asked", ready=False)
    task = world.task("promise", team="asked", due_at=world.at + MINUTE).one(TaskOpened).task
    assert world.wait(MINUTE).one(WorkOffered).agent == "lea"
    world.ready("amal")
    if passes == "timeout":
        outcome = world.wait(MINUTE)
    else:
        outcome = world.send(DeclineOffer(by=principal("lea", "lead"), work=task, epoch=1))
    assert outcome.of(WorkOffered) == []
    assert [skill.id for skill in outcome.one(WorkQueued).skills] == ["role:lead"]
