"""Addresses that take no mail: where the desk falls silent by itself, and what makes it speak again."""

from typing import Any

import pytest

from shared.catalogue.commands import InviteToSurvey
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.facts import ContactPointUnreachable, DeliveryReported, MessageSetAside
from shared.catalogue.rule_sets import DEAD_ADDRESSES
from shared.clock import DAY, Ms
from shared.policy.terms import Channel, Status
from tests.unit.router.driving import SYSTEM, Outcome, World, contact
from tests.unit.router.opened import HELLO, open_ticket

SARA = contact("sara").id
DEAD: dict[str, Any] = {"outcome": "failed", "permanent": True, "code": "5.1.1", "unreachable": True}
LATER: Ms = 2 * DAY
"""By then an acknowledgement is due again."""


@pytest.fixture
def world() -> World:
    world = World()
    world.agent("amal")
    world.switch(DEAD_ADDRESSES)
    return world


def write(world: World, **fields: Any) -> Outcome:
    return world.mail("sara", **fields)


def lose(world: World) -> tuple[str, DeliverMessage]:
    """Sara's ticket, and the delivery to her that came back."""
    ticket = write(world).ticket
    delivery = reply(world, ticket)
    world.report(delivery, **DEAD)
    return ticket, delivery


def reply(world: World, ticket: str) -> DeliverMessage:
    return world.update(ticket, "amal", reply={"text": "x"}).deliveries[0]


def ask(world: World, ticket: str) -> Outcome:
    world.update(ticket, status=Status.RESOLVED)
    invitation = InviteToSurvey(
        by=SYSTEM, survey="s1", kind="csat", ticket=ticket, resolution=world.desk.tickets[ticket].resolution,
        customer=SARA, language="en",
    )  # fmt: skip
    return world.send(invitation)


def test_an_address_mail_came_back_from_for_good_is_marked_once(world: World) -> None:
    ticket = write(world).ticket
    first, second = reply(world, ticket), reply(world, ticket)
    marked = world.report(first, **DEAD)
    assert marked.names[:2] == ["DeliveryReported", "ContactPointUnreachable"]
    told = marked.one(ContactPointUnreachable)
    assert (told.contact, told.unreachable, told.code) == (SARA, True, "5.1.1")
    assert world.report(first, **DEAD).names == []
    again = world.report(second, **DEAD)
    assert again.one(DeliveryReported).message == second.message
    assert again.of(ContactPointUnreachable) == []


@pytest.mark.parametrize(
    "became",
    [
        {"unreachable": False}, {"permanent": False}, {"outcome": "unknown"}, {"outcome": "stored"},
        {"outcome": "delivered"},
    ],
)  # fmt: skip
def test_nothing_else_marks_it(world: World, became: dict[str, Any]) -> None:
    delivery = reply(world, write(world).ticket)
    assert world.report(delivery, **DEAD | became).of(ContactPointUnreachable) == []


def test_the_desk_falls_silent_there_but_people_may_try(world: World) -> None:
    ticket, _ = lose(world)
    world.wait(LATER)
    form = write(world, channel=Channel.WEBFORM, account="web")
    assert (form.ticket != ticket, form.deliveries) == (True, [])
    asked = ask(world, ticket)
    assert (asked.refusal, asked.deliveries) == ("unreachable", [])
    assert reply(world, form.ticket).to == SARA
    assert open_ticket(world, contact=SARA, reply=HELLO).deliveries[0].to == SARA


def test_others_are_still_written_to(world: World) -> None:
    lose(world)
    omar = world.mail("omar")
    assert [delivery.kind for delivery in omar.deliveries] == ["automatic"]
    assert ask(world, omar.ticket).refusal is None


def test_a_mail_from_there_lifts_the_mark_before_anything_is_answered(world: World) -> None:
    ticket, _ = lose(world)
    world.wait(LATER)
    heard = write(world)
    told = heard.one(ContactPointUnreachable)
    assert (told.contact, told.unreachable, told.code) == (SARA, False, "")
    assert [delivery.kind for delivery in heard.deliveries] == ["automatic"]
    assert ask(world, ticket).refusal is None
    assert write(world).of(ContactPointUnreachable) == []


@pytest.mark.parametrize(
    "said",
    [
        {"spam": "score"}, {"automatic": "auto_reply"}, {"channel": Channel.WEBFORM, "account": "web"},
        {"automatic": "bounce", "opt_out": True},
    ],
)  # fmt: skip
def test_what_does_not_show_that_the_address_is_in_use_lifts_nothing(world: World, said: dict[str, Any]) -> None:
    lose(world)
    assert write(world, **said).of(ContactPointUnreachable) == []
    assert ask(world, write(world, channel=Channel.WEBFORM, account="web").ticket).refusal == "unreachable"


def test_who_wants_no_messages_has_been_heard_all_the_same(world: World) -> None:
    lose(world)
    stopped = write(world, opt_out=True)
    assert stopped.one(MessageSetAside).reason == "opt_out"
    assert not stopped.one(ContactPointUnreachable).unreachable


def test_a_later_delivery_that_arrives_lifts_the_mark(world: World) -> None:
    ticket, _ = lose(world)
    arrived = world.report(reply(world, ticket), "delivered")
    assert not arrived.one(ContactPointUnreachable).unreachable
    assert ask(world, ticket).refusal is None


def test_that_the_relay_had_taken_what_came_back_lifts_nothing(world: World) -> None:
    ticket, delivery = lose(world)
    assert world.report(delivery, "delivered").names == ["DeliveryReported"]
    assert ask(world, ticket).refusal == "unreachable"


def test_an_old_report_does_not_mark_again_what_was_heard_from_since(world: World) -> None:
    _, delivery = lose(world)
    write(world)
    assert world.report(delivery, **DEAD).names == []


def test_before_the_rules_are_in_force_everything_is_as_it_was() -> None:
    world = World()
    world.agent("amal")
    ticket, _ = lose(world)
    assert world.desk.contacts.get(SARA) is None
    world.wait(LATER)
    assert [delivery.kind for delivery in write(world).deliveries] == ["automatic"]
    assert ask(world, ticket).refusal is None


def test_without_the_rules_a_mark_rests_and_no_fact_of_it_is_written(world: World) -> None:
    ticket, _ = lose(world)
    world.switch(DEAD_ADDRESSES, on=False)
    assert ask(world, ticket).refusal is None
    assert write(world).of(ContactPointUnreachable) == []
    world.switch(DEAD_ADDRESSES)
    assert ask(world, ticket).refusal == "unreachable"


def test_a_mark_is_still_there_after_a_restart(world: World) -> None:
    ticket, _ = lose(world)
    world.restart()
    assert ask(world, ticket).refusal == "unreachable"
