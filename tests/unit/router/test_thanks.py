"""«شكراً» and "thanks", alone: recorded where they belong, and nothing comes of them (domain: "A ticket's life")."""

from typing import Any

import pytest

from shared.catalogue.commands import RestoreMessage
from shared.catalogue.facts import MessageReceived, MessageSetAside, TicketOpened
from shared.clock import DAY, HOUR
from shared.policy.terms import Channel, Status
from tests.unit.router.driving import LEAD, Outcome, World


@pytest.fixture
def world() -> World:
    return World()


def resolved(world: World, **fields: Any) -> tuple[str, str]:
    """A ticket that was helped, and its conversation."""
    world.agent("amal")
    ticket = world.mail("sara", **fields).ticket
    conversation = world.desk.tickets[ticket].conversations[0]
    world.update(ticket, "amal", status=Status.RESOLVED)
    return ticket, conversation


def says_thanks(world: World, ticket: str, conversation: str, sender: str = "sara") -> Outcome:
    follow_up = {"ticket": ticket, "number": 1, "team": "front"}
    return world.mail(sender, thanks=True, thread={"conversation": conversation, "follow_up": follow_up})


def test_after_the_reopen_window_it_is_recorded(world: World) -> None:
    ticket, conversation = resolved(world)
    world.wait(7 * DAY - HOUR)
    world.at += 2 * HOUR
    outcome = says_thanks(world, ticket, conversation)
    assert outcome.names[1:] == ["MessageReceived"]
    assert outcome.one(MessageReceived).ticket == ticket
    assert world.desk.tickets[ticket].status is Status.CLOSED


def test_when_its_conversation_is_forgotten_it_is_set_aside(world: World) -> None:
    ticket, conversation = resolved(world)
    world.wait(40 * DAY)
    world.send(RestoreMessage(by=LEAD, message="nothing"))
    assert ticket not in world.desk.tickets
    outcome = says_thanks(world, ticket, conversation)
    assert (outcome.names, outcome.one(MessageSetAside).reason) == (["MessageSetAside"], "thanks")


def test_what_was_set_aside_for_it_can_be_restored(world: World) -> None:
    ticket, conversation = resolved(world)
    world.wait(40 * DAY)
    world.send(RestoreMessage(by=LEAD, message="nothing"))
    aside = says_thanks(world, ticket, conversation).one(MessageSetAside)
    assert world.send(RestoreMessage(by=LEAD, message=aside.message)).one(TicketOpened).cause == "message"


def test_a_strangers_thanks_in_a_thread_is_no_ticket(world: World) -> None:
    ticket, conversation = resolved(world)
    assert says_thanks(world, ticket, conversation, "stranger").one(MessageSetAside).reason == "thanks"
    world.wait(8 * DAY)
    assert says_thanks(world, ticket, conversation, "stranger").one(MessageSetAside).reason == "thanks"


def test_in_a_running_exchange_it_begins_nothing(world: World) -> None:
    phone = {"channel": Channel.WHATSAPP, "account": "phone"}
    ticket, _ = resolved(world, **phone)
    assert world.mail("sara", thanks=True, **phone).one(MessageReceived).ticket == ticket
    world.wait(8 * DAY)
    assert world.mail("sara", thanks=True, **phone).one(MessageSetAside).reason == "thanks"


def test_a_first_mail_that_says_no_more_is_a_ticket(world: World) -> None:
    assert world.mail("sara", thanks=True).one(TicketOpened).cause == "message"


def test_anything_else_after_the_window_is_a_follow_up(world: World) -> None:
    _, conversation = resolved(world)
    world.wait(7 * DAY - HOUR)
    world.at += 2 * HOUR
    assert world.mail("sara", thread={"conversation": conversation}).one(TicketOpened).cause == "follow_up"
