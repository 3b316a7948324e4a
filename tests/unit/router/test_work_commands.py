"""Take, transfer, release: what people do with work items."""

import pytest

from services.router.evolve.work import ASK_AGAIN_AFTER
from shared.catalogue.commands import ReleaseWork, TakeWork, TransferWork
from shared.catalogue.facts import (
    OwnerChanged,
    StatusChanged,
    TaskOpened,
    TicketRouted,
    WorkAssigned,
    WorkQueued,
    WorkReleased,
)
from shared.clock import HOUR
from shared.policy.terms import Status
from tests.unit.router.driving import LEAD, Outcome, World, principal


@pytest.fixture
def world() -> World:
    return World()


def take(world: World, agent: str, work: str) -> Outcome:
    return world.send(TakeWork(by=principal(agent), work=work))


def test_pulling_takes_the_item_one_chooses(world: World) -> None:
    world.agent("amal", "pulled")
    world.mail("sara", "pull")
    chosen = world.mail("omar", "pull").ticket
    outcome = take(world, "amal", chosen)
    assert (outcome.one(WorkAssigned).how, outcome.one(WorkAssigned).why.strategy) == ("taken", "taken")
    assert (outcome.one(OwnerChanged).owner, outcome.one(StatusChanged).cause) == ("amal", "touched")
    assert outcome.settled.made == {"epoch": "1"}


def test_what_is_held_cannot_be_taken(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.agent("omar", ready=False)
    assert take(world, "omar", ticket).refusal == "not_waiting"


@pytest.mark.parametrize("work", ["nothing", ""])
def test_what_does_not_exist_cannot_be_taken(world: World, work: str) -> None:
    world.agent("amal")
    assert take(world, "amal", work or "x").refusal == "no_such_work"


def test_a_person_may_take_more_than_their_capacity_and_it_is_marked(world: World) -> None:
    world.agent("amal", "pulled", capacity=2)
    tickets = [world.mail(f"customer{n}", "pull").ticket for n in range(2)]
    assert not take(world, "amal", tickets[0]).one(WorkAssigned).forced
    assert take(world, "amal", tickets[1]).one(WorkAssigned).forced


def test_another_teams_queue_is_not_for_taking(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara", "bill").ticket
    assert take(world, "amal", ticket).refusal == "forbidden"


def test_somebody_without_a_seat_takes_nothing(world: World) -> None:
    ticket = world.mail("sara").ticket
    assert take(world, "nobody", ticket).refusal == "no_such_agent"


def test_a_lead_takes_for_an_agent(world: World) -> None:
    world.agent("amal", "billing", ready=False)
    ticket = world.mail("sara").ticket
    outcome = world.send(TakeWork(by=LEAD, work=ticket, agent="amal"))
    assert (outcome.one(WorkAssigned).agent, outcome.one(WorkAssigned).how) == ("amal", "given")


def test_an_agent_gives_to_a_colleague(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.agent("omar", ready=False)
    outcome = world.send(TransferWork(by=principal("amal"), work=ticket, epoch=1, agent="omar"))
    assert outcome.one(WorkReleased).cause == "transferred"
    assert (outcome.one(WorkAssigned).agent, outcome.settled.made) == ("omar", {"epoch": "2"})


def test_an_old_epoch_transfers_and_releases_nothing(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.agent("omar", ready=False)
    assert world.send(TransferWork(by=LEAD, work=ticket, epoch=9, agent="omar")).refusal == "stale_epoch"
    assert world.send(ReleaseWork(by=LEAD, work=ticket, epoch=9)).refusal == "stale_epoch"


def test_a_transfer_goes_somewhere(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    assert world.send(TransferWork(by=LEAD, work=ticket)).refusal == "nothing_asked"
    assert world.send(TransferWork(by=LEAD, work=ticket, agent="nobody")).refusal == "no_such_agent"
    assert world.send(TransferWork(by=LEAD, work=ticket, team="nowhere")).refusal == "no_such_team"


def test_a_transfer_to_a_team_keeps_the_age(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    since = world.desk.tickets[ticket].opened
    world.wait(HOUR)
    outcome = world.send(TransferWork(by=principal("amal"), work=ticket, team="billing"))
    assert outcome.one(TicketRouted).cause == "transferred"
    assert (outcome.one(WorkQueued).waiting_since, outcome.one(WorkQueued).team) == (since, "billing")


def test_a_transfer_to_a_person_in_another_team_does_both(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.agent("omar", "billing", ready=False)
    outcome = world.send(TransferWork(by=LEAD, work=ticket, team="billing", agent="omar"))
    assert (outcome.one(TicketRouted).team, outcome.assignee) == ("billing", "omar")


def test_what_is_resolved_is_not_transferred(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=Status.RESOLVED)
    assert world.send(TransferWork(by=LEAD, work=ticket, agent="amal")).refusal == "nothing_to_do"


def test_pending_work_can_be_handed_over(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=Status.PENDING)
    world.agent("omar", ready=False)
    world.send(TransferWork(by=LEAD, work=ticket, agent="omar"))
    assert world.holders() == {ticket: "omar"}
    assert world.desk.floor.seats["omar"].load == 0


def test_giving_back_returns_it_to_the_queue_for_others(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    outcome = world.send(ReleaseWork(by=principal("amal"), work=ticket, epoch=1))
    assert outcome.one(WorkQueued).not_agent == "amal"
    assert world.holders() == {}
    assert world.agent("omar").assignee == "omar"


def test_whoever_gave_it_back_gets_it_again_if_nobody_else_came(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.send(ReleaseWork(by=principal("amal"), work=ticket))
    assert world.wait(ASK_AGAIN_AFTER).assignee == "amal"


def test_what_nobody_holds_cannot_be_given_back(world: World) -> None:
    ticket = world.mail("sara").ticket
    assert world.send(ReleaseWork(by=LEAD, work=ticket)).refusal == "not_held"


def test_only_holder_and_lead_give_back(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.agent("omar", ready=False)
    assert world.send(ReleaseWork(by=principal("omar"), work=ticket)).refusal == "forbidden"
    assert world.send(ReleaseWork(by=LEAD, work=ticket)).refusal is None


def test_giving_back_pending_work_leaves_it_without_owner(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", reply={"text": "Which card?"}, status=Status.PENDING)
    outcome = world.send(ReleaseWork(by=principal("amal"), work=ticket))
    assert outcome.of(WorkQueued) == []
    assert world.desk.tickets[ticket].owner is None


def test_a_task_that_has_not_begun_goes_to_no_team(world: World) -> None:
    world.agent("amal")
    task = world.task("call_back", owner="amal", due_at=world.at + HOUR).one(TaskOpened).task
    assert world.send(TransferWork(by=LEAD, work=task, team="cards")).refusal == "nothing_to_do"
    assert world.desk.tasks[task].agent == "amal"


def test_an_answered_ticket_that_is_given_back_is_no_younger(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    since = world.desk.tickets[ticket].opened
    world.update(ticket, "amal", reply={"text": "we look into it"})
    world.wait(5 * HOUR)
    assert world.send(ReleaseWork(by=principal("amal"), work=ticket)).one(WorkQueued).waiting_since == since


def test_what_was_nobodys_turn_in_between_waits_anew(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", reply={"text": "which one?"}, status=Status.PENDING)
    world.wait(5 * HOUR)
    world.update(ticket, "amal", status=Status.OPEN)
    queued = world.send(ReleaseWork(by=principal("amal"), work=ticket)).one(WorkQueued)
    assert queued.waiting_since == world.at
