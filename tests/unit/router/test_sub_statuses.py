"""What a status is called more closely: named by the policy, bound to one status, in force from a switch on."""

from typing import Any

import pytest

from shared.catalogue.facts import StatusChanged, SubStatusChanged
from shared.catalogue.rule_sets import SUB_STATUSES
from shared.policy.terms import Status
from tests.unit.router.driving import World, principal
from tests.unit.router.policies import changed

NAMED = changed(
    "hold_reasons:",
    "sub_statuses:\n"
    "  papers: {name: Awaiting papers, status: pending}\n"
    "  looked_at: {name: Being looked at, status: open}\n"
    "  checked: {name: Being checked, status: on_hold}\n"
    "hold_reasons:",
)  # fmt: skip


@pytest.fixture
def world() -> World:
    world = World(NAMED)
    world.switch(SUB_STATUSES)
    return world


def test_a_status_is_given_with_its_closer_name(world: World) -> None:
    ticket = world.mail().ticket
    outcome = world.update(ticket, status=Status.PENDING, sub_status="papers")
    assert outcome.one(SubStatusChanged) == SubStatusChanged(
        ticket=ticket, status=Status.PENDING, sub_status="papers", by="lena"
    )
    assert outcome.names.index("StatusChanged") < outcome.names.index("SubStatusChanged")


def test_the_status_a_ticket_has_is_named_without_giving_it_again(world: World) -> None:
    ticket = world.mail().ticket
    world.update(ticket, status=Status.PENDING, reply={"text": "which papers?"})
    outcome = world.update(ticket, sub_status="papers")
    assert (outcome.one(SubStatusChanged).sub_status, outcome.of(StatusChanged)) == ("papers", [])


def test_an_empty_one_takes_it_away(world: World) -> None:
    ticket = world.mail().ticket
    world.update(ticket, status=Status.PENDING, sub_status="papers")
    assert world.update(ticket, sub_status="").one(SubStatusChanged).sub_status is None


def test_a_hold_is_named_and_may_be_named_anew_while_it_lasts(world: World) -> None:
    ticket = world.mail().ticket
    hold = {"status": Status.ON_HOLD, "hold_reason": "supplier"}
    for _ in range(2):
        assert world.update(ticket, **hold, sub_status="checked").one(SubStatusChanged).status is Status.ON_HOLD


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"sub_status": "unheard_of"}, "unknown_sub_status"),
        ({"sub_status": "papers"}, "other_status"),
        ({"sub_status": "papers", "status": Status.RESOLVED}, "other_status"),
        ({"sub_status": "looked_at", "reply": {"text": "x"}}, "other_status"),
    ],
)
def test_one_that_does_not_belong_to_the_status_refuses_it_all(
    world: World, fields: dict[str, Any], refusal: str
) -> None:
    outcome = world.update(world.mail().ticket, **fields)
    assert (outcome.refusal, outcome.names) == (refusal, ["CommandSettled"])


def test_a_touch_that_ends_the_status_ends_its_name() -> None:
    world = World(changed("hold_reasons:", "sub_statuses: {unread: {name: Unread, status: new}}\nhold_reasons:"))
    world.switch(SUB_STATUSES)
    ticket = world.mail().ticket
    outcome = world.update(ticket, sub_status="unread", reply={"text": "x"})
    assert (outcome.one(StatusChanged).status, outcome.of(SubStatusChanged)) == (Status.OPEN, [])
    assert world.update(world.mail("omar").ticket, sub_status="unread").one(SubStatusChanged).status is Status.NEW


@pytest.mark.parametrize("sub_status", ["papers", "unheard_of", ""])
def test_it_is_refused_as_long_as_the_rules_are_not_in_force(world: World, sub_status: str) -> None:
    ticket = world.mail().ticket
    world.switch(SUB_STATUSES, on=False)
    outcome = world.update(ticket, status=Status.PENDING, sub_status=sub_status)
    assert (outcome.refusal, outcome.names) == ("rules_not_in_force", ["CommandSettled"])
    assert world.update(ticket, status=Status.PENDING).refusal is None


def test_nobody_names_what_they_may_not_change(world: World) -> None:
    world.agent("amal", "billing")
    ticket = world.mail().ticket
    assert world.update(ticket, principal("amal"), sub_status="").refusal == "forbidden"
