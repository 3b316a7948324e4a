"""Offer: accept in time, or the next one is asked."""

import pytest

from services.router.evolve.work import ASK_AGAIN_AFTER
from shared.catalogue.commands import AcceptOffer, DeclineOffer, RemoveAgent, TakeWork
from shared.catalogue.facts import (
    OfferLapsed,
    OwnerChanged,
    PresenceChanged,
    StatusChanged,
    WorkAssigned,
    WorkOffered,
    WorkQueued,
)
from shared.clock import MINUTE, SECOND
from shared.policy.terms import Status
from tests.unit.router.driving import ADMIN, LEAD, Outcome, World, principal


@pytest.fixture
def world() -> World:
    world = World()
    world.agent("amal", "asked")
    return world


def offer(world: World, sender: str = "sara") -> WorkOffered:
    return world.mail(sender, "offer").one(WorkOffered)


def accept(world: World, agent: str, offered: WorkOffered, epoch: int | None = None) -> Outcome:
    return world.send(AcceptOffer(by=principal(agent), work=offered.work, epoch=epoch or offered.epoch))


def decline(world: World, agent: str, offered: WorkOffered) -> Outcome:
    return world.send(DeclineOffer(by=principal(agent), work=offered.work, epoch=offered.epoch))


def test_an_offering_team_asks_first(world: World) -> None:
    outcome = world.mail("sara", "offer")
    offered = outcome.one(WorkOffered)
    assert (offered.agent, offered.epoch, offered.until) == ("amal", 1, world.at + 30 * SECOND)
    assert not outcome.of(WorkAssigned)
    assert not outcome.of(OwnerChanged)
    assert world.holders() == {}


def test_an_offer_takes_room_meanwhile(world: World) -> None:
    world.agent("amal", "asked", capacity=2, ready=False)
    offer(world)
    assert world.desk.floor.seats["amal"].load == 2
    assert world.mail("omar", "offer").of(WorkOffered) == []


def test_an_accepted_offer_is_theirs_and_touches_the_ticket(world: World) -> None:
    offered = offer(world)
    outcome = accept(world, "amal", offered)
    assert (outcome.one(WorkAssigned).how, outcome.one(WorkAssigned).forced) == ("accepted", False)
    assert (outcome.one(OwnerChanged).owner, outcome.one(StatusChanged).status) == ("amal", Status.OPEN)
    assert outcome.settled.made["epoch"] == str(outcome.one(WorkAssigned).epoch)


def test_accepting_once_is_enough(world: World) -> None:
    offered = offer(world)
    accept(world, "amal", offered)
    assert accept(world, "amal", offered).refusal == "stale_epoch"


def test_an_offer_to_another_is_not_ones_own(world: World) -> None:
    offered = offer(world)
    world.agent("omar", "asked", ready=False)
    assert accept(world, "omar", offered).refusal == "not_yours"
    assert decline(world, "omar", offered).refusal == "not_yours"


def test_an_old_epoch_is_nothing_any_more(world: World) -> None:
    offered = offer(world)
    assert accept(world, "amal", offered, epoch=7).refusal == "stale_epoch"


def test_the_next_is_asked_after_a_refusal(world: World) -> None:
    world.agent("omar", "asked")
    offered = offer(world)
    outcome = decline(world, "amal", offered)
    assert (outcome.one(OfferLapsed).cause, outcome.one(WorkQueued).not_agent) == ("declined", "amal")
    assert (outcome.one(WorkOffered).agent, outcome.one(WorkOffered).epoch) == ("omar", 2)


def test_whoever_declined_is_left_in_peace_for_a_while_and_then_asked_again(world: World) -> None:
    decline(world, "amal", offer(world))
    assert world.wait(ASK_AGAIN_AFTER - MINUTE).of(WorkOffered) == []
    outcome = world.wait(MINUTE)
    assert outcome.one(WorkQueued).cause == "asked_again"
    assert outcome.one(WorkOffered).agent == "amal"


def test_a_declined_item_does_not_hold_back_the_next(world: World) -> None:
    decline(world, "amal", offer(world))
    assert offer(world, "omar").agent == "amal"


def test_no_answer_means_not_ready(world: World) -> None:
    world.agent("omar", "asked")
    offered = offer(world)
    outcome = world.wait(30 * SECOND)
    assert (outcome.one(OfferLapsed).agent, outcome.one(OfferLapsed).cause) == ("amal", "timeout")
    away = outcome.one(PresenceChanged)
    assert (away.state, away.reason, away.cause) == ("not_ready", "missed_offer", "offer_timeout")
    assert (outcome.one(WorkOffered).agent, outcome.one(WorkOffered).work) == ("omar", offered.work)


def test_too_late_is_too_late(world: World) -> None:
    offered = offer(world)
    world.at += 31 * SECOND  # the tick is late, the acceptance shows the time
    outcome = accept(world, "amal", offered)
    assert outcome.refusal == "stale_epoch"
    assert outcome.one(OfferLapsed).cause == "timeout"


def test_age_survives_every_refusal(world: World) -> None:
    offered = offer(world)
    since = world.desk.tickets[offered.work].since
    world.wait(20 * SECOND)
    assert decline(world, "amal", offered).one(WorkQueued).waiting_since == since


def test_a_lead_may_give_away_what_is_offered(world: World) -> None:
    offered = offer(world)
    world.agent("omar", "asked", ready=False)
    outcome = world.update(offered.work, owner="omar")
    assert (outcome.one(OfferLapsed).cause, outcome.one(WorkAssigned).agent) == ("withdrawn", "omar")
    assert world.desk.floor.seats["amal"].load == 0


def test_somebody_else_cannot_take_what_is_offered(world: World) -> None:
    offered = offer(world)
    world.agent("omar", "asked", ready=False)
    assert world.send(TakeWork(by=principal("omar"), work=offered.work)).refusal == "not_waiting"


def test_taking_ones_own_offer_is_accepting_it(world: World) -> None:
    offered = offer(world)
    outcome = world.send(TakeWork(by=principal("amal"), work=offered.work))
    assert outcome.one(WorkAssigned).how == "taken"
    assert outcome.of(OfferLapsed) == []


def test_resolving_withdraws_the_offer(world: World) -> None:
    offered = offer(world)
    outcome = world.update(offered.work, status=Status.RESOLVED)
    assert outcome.one(OfferLapsed).cause == "withdrawn"
    assert world.desk.floor.seats["amal"].held == {}


def test_pending_withdraws_the_offer(world: World) -> None:
    offered = offer(world)
    assert world.update(offered.work, status=Status.PENDING).one(OfferLapsed).cause == "withdrawn"


def test_removing_the_agent_passes_the_offer_on(world: World) -> None:
    world.agent("omar", "asked")
    offered = offer(world)
    outcome = world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert (outcome.one(WorkOffered).agent, outcome.one(WorkOffered).work) == ("omar", offered.work)
    assert "amal" not in world.desk.agents


def test_going_offline_passes_the_offer_on(world: World) -> None:
    offer(world)
    world.agent("omar", "asked")
    outcome = world.away("amal", "offline")
    assert outcome.one(WorkOffered).agent == "omar"


def test_an_agent_cannot_answer_for_another(world: World) -> None:
    offered = offer(world)
    assert world.send(AcceptOffer(by=LEAD, work=offered.work, epoch=offered.epoch)).refusal == "not_yours"


def test_an_offer_survives_a_restart(world: World) -> None:
    offered = offer(world)
    world.restart()
    assert accept(world, "amal", offered).one(WorkAssigned).agent == "amal"


@pytest.mark.parametrize("answer", [AcceptOffer, DeclineOffer])
def test_a_session_that_may_only_read_answers_no_offer(
    world: World, answer: type[AcceptOffer] | type[DeclineOffer]
) -> None:
    offered = offer(world)
    reader = principal("amal", "agent", ("tickets:read",))
    assert world.send(answer(by=reader, work=offered.work, epoch=offered.epoch)).refusal == "forbidden"
    writer = principal("amal", "agent", ("work:write",))
    assert world.send(answer(by=writer, work=offered.work, epoch=offered.epoch)).refusal is None
