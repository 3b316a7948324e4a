"""What goes out when a ticket is opened by hand, and what the customer's answer does."""

import pytest

from shared.catalogue.commands import BlockContactPoint, InviteToSurvey, Reply
from shared.catalogue.facts import (
    MessageReceived,
    MessageSent,
    OwnerChanged,
    StatusChanged,
    TicketOpened,
    WorkAssigned,
    WorkQueued,
)
from shared.clock import HOUR
from shared.ids import first_conversation_id, reply_id
from shared.policy.terms import Status
from tests.unit.router.driving import LEAD, SYSTEM, World
from tests.unit.router.opened import AMAL, HELLO, met, open_ticket
from tests.unit.router.policies import changed


@pytest.fixture
def world() -> World:
    return World()


def test_the_first_reply_goes_out_with_the_subject_it_was_opened_with(world: World) -> None:
    point = met(world)
    world.agent("amal")
    outcome = open_ticket(world, AMAL, "call-1", contact=point, reply=HELLO)
    sent, (letter,) = outcome.one(MessageSent), outcome.deliveries
    assert (sent.message, sent.author_kind, sent.automatic) == (reply_id("call-1"), "agent", False)
    assert (letter.to, letter.text, letter.kind) == (point, HELLO.text, "reply")
    assert (letter.answers, letter.conversation) == (outcome.ticket, first_conversation_id(outcome.ticket))
    assert outcome.one(StatusChanged).status is Status.OPEN


def test_whoever_writes_to_the_customer_keeps_it(world: World) -> None:
    point = met(world)
    world.agent("basim")
    world.agent("amal")
    outcome = open_ticket(world, AMAL, contact=point, reply=HELLO)
    assert (outcome.one(OwnerChanged).owner, outcome.one(WorkAssigned).how) == ("amal", "taken")
    elsewhere = open_ticket(world, AMAL, contact=point, reply=HELLO, team="billing")
    assert (elsewhere.one(WorkQueued).team, elsewhere.of(OwnerChanged)) == ("billing", [])


def test_the_customers_answer_comes_to_the_same_ticket_and_begins_their_wait(world: World) -> None:
    point = met(world)
    world.agent("amal")
    ticket = open_ticket(world, AMAL, contact=point, reply=HELLO).ticket
    assert world.desk.tickets[ticket].waiting_since is None
    world.wait(HOUR)
    answered = world.answer(ticket)
    assert (answered.one(MessageReceived).ticket, answered.one(MessageReceived).author_kind) == (ticket, "customer")
    assert world.desk.tickets[ticket].waiting_since == world.at
    later = world.update(ticket, "amal", reply={"text": "Here you are."})
    assert later.deliveries[0].answers == answered.one(MessageReceived).message


def test_only_what_was_opened_by_hand_is_answered_before_anybody_has_written(world: World) -> None:
    first = world.mail()
    place = world.desk.tickets[first.ticket].conversations[0]
    world.desk.conversations.change(place).latest = None
    assert world.update(first.ticket, reply={"text": "x"}).deliveries[0].answers is None


def test_the_desks_own_ticket_asks_nobody_how_it_went(world: World) -> None:
    ticket = open_ticket(world).ticket
    world.update(ticket, status=Status.RESOLVED)
    invite = InviteToSurvey(
        by=SYSTEM, survey="s", kind="csat", ticket=ticket, resolution=1, customer=ticket, language="en"
    )
    assert world.send(invite).refusal == "no_conversation"


def test_nothing_is_acknowledged(world: World) -> None:
    point = met(world)
    assert open_ticket(world, contact=point).of(MessageSent) == []


def test_a_blocked_customer_is_not_written_to(world: World) -> None:
    point = met(world)
    world.send(BlockContactPoint(by=LEAD, contact=point, blocked=True))
    assert open_ticket(world, contact=point, reply=HELLO).refusal == "blocked"
    assert open_ticket(world, contact=point).refusal is None


def test_who_wants_no_messages_gets_none(world: World) -> None:
    point = met(world)
    world.mail("sara", opt_out=True)
    assert open_ticket(world, contact=point, reply=HELLO).refusal == "opted_out"


def test_an_account_may_serve_nobody_unasked(world: World) -> None:
    assert open_ticket(world, contact=met(world), account="news", reply=HELLO).refusal == "consent_never"


def test_a_reply_names_no_conversation_for_there_is_none(world: World) -> None:
    said = Reply(text="x", conversation="v1")
    assert open_ticket(world, contact=met(world), reply=said).refusal == "no_such_conversation"


def test_a_desk_without_a_mailbox_uses_its_first_account() -> None:
    world = World(changed("  mail: {channel: email, address: help@acme.example}\n", ""))
    assert open_ticket(world).one(TicketOpened).account == "web"
