"""A team leaves the policy only when nobody and nothing belongs to it any more."""

import pytest

from shared.catalogue.commands import PutAgent, TransferWork
from shared.catalogue.facts import PolicyApplied
from shared.clock import DAY, HOUR
from shared.policy.policy import Policy
from shared.policy.terms import Status
from tests.unit.router.driving import ADMIN, LEAD, World
from tests.unit.router.policies import changed

BILLING = "  billing: {name: Billing, specialties: [billing], strategy: round_robin, return_to_owner: false}\n"


@pytest.fixture
def world() -> World:
    return World()


def without_billing() -> Policy:
    return changed(BILLING, "")


def test_a_team_nobody_needs_may_go(world: World) -> None:
    assert world.apply(without_billing()).one(PolicyApplied).version == 2


def test_what_waits_there_must_go_elsewhere_first(world: World) -> None:
    ticket = world.mail("sara", "bill").ticket
    assert world.apply(without_billing()).refusal == "team_in_use"
    world.send(TransferWork(by=LEAD, work=ticket, team="front"))
    assert world.apply(without_billing()).refusal is None


def test_what_may_be_reopened_belongs_there_still(world: World) -> None:
    ticket = world.mail("sara", "bill").ticket
    world.update(ticket, status=Status.RESOLVED)
    assert world.apply(without_billing()).refusal == "team_in_use"
    world.wait(7 * DAY)
    assert world.apply(without_billing()).refusal is None


@pytest.mark.parametrize("teams", [("billing", ()), ("front", ("billing",))])
def test_its_people_must_go_elsewhere_first(world: World, teams: tuple[str, tuple[str, ...]]) -> None:
    world.agent("amal", teams[0], secondary=teams[1])
    assert world.apply(without_billing()).refusal == "team_in_use"
    world.send(PutAgent(by=ADMIN, agent="amal", team="front", secondary_teams=()))
    assert world.apply(without_billing()).refusal is None


def test_its_tasks_must_be_done_first(world: World) -> None:
    world.task(team="billing", due_at=world.at + HOUR)
    assert world.apply(without_billing()).refusal == "team_in_use"
