"""What was marked as spam asks nobody's time, swallows nobody's mail, and does not stay for ever."""

from typing import Any

import pytest

from shared.catalogue.commands import BlockContactPoint, MergeCustomers, RemoveAgent, RestoreMessage
from shared.catalogue.facts import MessageReceived, MessageSetAside, StatusChanged, TicketOpened, WorkQueued
from shared.clock import DAY, HOUR
from shared.ids import named_id
from shared.policy.terms import Channel, Status
from tests.unit.router.driving import ADMIN, LEAD, World, contact


@pytest.fixture
def world() -> World:
    return World()


def spam(world: World, **fields: Any) -> str:
    """Sara's ticket, held by amal until it was marked."""
    if "amal" not in world.desk.agents:
        world.agent("amal")
    ticket = world.mail("sara", **fields).ticket
    world.update(ticket, "amal", spam=True)
    return ticket


def test_who_writes_again_is_heard_again(world: World) -> None:
    first = spam(world)
    second = world.answer(first, "sara")
    assert second.ticket != first
    assert world.holders() == {second.ticket: "amal"}


def test_a_running_exchange_begins_anew(world: World) -> None:
    first = spam(world, channel=Channel.WHATSAPP, account="phone")
    assert world.mail("sara", channel=Channel.WHATSAPP, account="phone").ticket != first


def test_a_quoted_message_of_it_leads_nowhere(world: World) -> None:
    first = spam(world)
    quoted = tuple(world.desk.conversations[world.desk.tickets[first].conversations[0]].messages)
    assert world.mail("sara", quoted=quoted).ticket != first


def test_it_fills_no_limit_of_open_tickets(world: World) -> None:
    for _ in range(50):
        spam(world)
    outcome = world.mail("sara")
    assert outcome.one(MessageReceived).ticket == outcome.ticket


def test_after_it_is_closed_there_is_nothing_to_follow_up(world: World) -> None:
    ticket = spam(world)
    world.wait(7 * DAY - HOUR)
    conversation = world.desk.tickets[ticket].conversations[0]
    world.at += 2 * HOUR
    outcome = world.mail("sara", thread={"conversation": conversation})
    assert outcome.one(TicketOpened).cause == "message"


def test_a_blocked_sender_stays_unheard(world: World) -> None:
    first = spam(world)
    world.send(BlockContactPoint(by=LEAD, contact=contact("sara").id, blocked=True))
    assert world.answer(first, "sara").one(MessageSetAside).reason == "blocked"


def test_what_is_restored_into_it_opens_a_ticket_too(world: World) -> None:
    first = spam(world)
    aside = world.answer(first, "sara", spam="score").one(MessageSetAside)
    assert world.send(RestoreMessage(by=LEAD, message=aside.message)).ticket != first


@pytest.mark.parametrize("status", [Status.OPEN, Status.PENDING, Status.ON_HOLD])
def test_it_is_closed_when_the_time_to_take_it_back_is_over(world: World, status: Status) -> None:
    ticket = spam(world)
    if status is Status.ON_HOLD:
        world.update(ticket, status=status, hold_reason="snoozed", until=world.at + HOUR)
    else:
        world.update(ticket, status=status)
    assert world.wait(7 * DAY - 1_000).of(StatusChanged) == []
    closed = world.wait(2_000).one(StatusChanged)
    assert (closed.former, closed.status, closed.cause) == (status, Status.CLOSED, "spam")
    world.wait(30 * DAY)
    world.mail("omar")
    world.update(world.mail("omar").ticket, note="x")
    assert ticket not in world.desk.tickets


def test_what_was_no_spam_after_all_lives_on(world: World) -> None:
    ticket = spam(world)
    world.update(ticket, spam=False)
    assert world.wait(30 * DAY).of(StatusChanged) == []
    assert world.answer(ticket, "sara").one(MessageReceived).ticket == ticket


def test_a_hold_that_was_no_spam_after_all_ends(world: World) -> None:
    ticket = world.mail("sara").ticket
    world.update(ticket, status=Status.ON_HOLD, hold_reason="snoozed", reply={"text": "we look into it"})
    world.update(ticket, spam=True)
    world.update(ticket, spam=False)
    assert world.wait(7 * DAY).one(WorkQueued).work == ticket


@pytest.mark.parametrize("left", [False, True])
def test_who_was_put_aside_unanswered_and_is_no_spam_after_all_has_somebody(world: World, *, left: bool) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=Status.PENDING)
    world.update(ticket, spam=True)
    if left:
        world.send(RemoveAgent(by=ADMIN, agent="amal"))
    outcome = world.update(ticket, spam=False)
    assert world.holders() == ({} if left else {ticket: "amal"})
    assert [fact.status for fact in outcome.of(StatusChanged)] == ([Status.OPEN] if left else [])
    assert world.desk.tickets[ticket].holding == ("queued" if left else "held")


def test_a_hold_ends_when_it_was_to_end_though_it_was_called_spam(world: World) -> None:
    ticket = world.mail("sara").ticket
    until = world.at + HOUR
    world.update(ticket, status=Status.ON_HOLD, hold_reason="snoozed", until=until)
    world.update(ticket, spam=True)
    world.update(ticket, spam=False)
    assert world.desk.tickets[ticket].until == until


def test_it_is_forgotten_by_its_customer_after_a_restart_too(world: World) -> None:
    ticket = spam(world)
    customer = world.desk.tickets[ticket].customer
    world.restart()
    assert world.desk.tickets_of(customer) == ()


def test_its_customer_may_have_become_another_meanwhile(world: World) -> None:
    ticket = spam(world)
    customer, into = world.desk.tickets[ticket].customer, named_id("customer", "somebody")
    world.send(MergeCustomers(by=LEAD, customer=customer, into=into))
    world.update(ticket, spam=False)
    assert world.desk.tickets_of(into) == (ticket,)


def test_no_spam_after_all_whose_answer_came_back_meanwhile_is_open_again(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    (delivery,) = world.update(ticket, "amal", reply={"text": "x"}, status=Status.RESOLVED).deliveries
    world.update(ticket, "amal", spam=True)
    assert world.report(delivery, "failed", permanent=True).of(StatusChanged) == []
    assert world.update(ticket, spam=False).one(StatusChanged).status is Status.OPEN
    assert world.holders() == {ticket: "amal"}


def test_no_spam_after_all_that_was_answered_stays_resolved(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", reply={"text": "x"}, status=Status.RESOLVED)
    world.update(ticket, "amal", spam=True)
    assert world.update(ticket, spam=False).of(StatusChanged) == []
