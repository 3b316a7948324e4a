"""Splitting and relating tickets."""

import pytest

from shared.catalogue.commands import LinkTickets, SplitTicket, UnlinkTickets
from shared.catalogue.facts import (
    ConversationOpened,
    MessageMoved,
    MessageReceived,
    TicketOpened,
    TicketsLinked,
    TicketsUnlinked,
    WorkQueued,
)
from shared.catalogue.values import LinkKind
from shared.clock import HOUR
from shared.policy.terms import Channel, Priority
from tests.unit.router.driving import LEAD, Outcome, World, principal
from tests.unit.router.policies import changed


@pytest.fixture
def world() -> World:
    return World()


def split(world: World, ticket: str, *messages: str) -> Outcome:
    return world.send(SplitTicket(by=LEAD, ticket=ticket, messages=messages))


def thread_of(world: World, length: int) -> tuple[str, list[str]]:
    """A ticket and its customer's messages."""
    first = world.mail("sara", "card")
    messages = [first.one(MessageReceived).message]
    for _ in range(length - 1):
        world.wait(HOUR)
        messages.append(world.answer(first.ticket, "sara").one(MessageReceived).message)
    return first.ticket, messages


def test_a_split_opens_a_ticket_with_the_messages_named(world: World) -> None:
    ticket, messages = thread_of(world, 3)
    outcome = split(world, ticket, messages[1], messages[2])
    opened = outcome.one(TicketOpened)
    assert (opened.cause, opened.category, opened.team, opened.number) == ("split", "cards", "cards", 2)
    assert [fact.message for fact in outcome.of(MessageMoved)] == messages[1:]
    assert outcome.settled.made == {"ticket": opened.ticket, "number": "2"}
    new = world.desk.conversations[outcome.one(ConversationOpened).conversation]
    old = world.desk.conversations[world.desk.tickets[ticket].conversations[0]]
    assert (list(new.messages), list(old.messages)) == (messages[1:], messages[:1])


def test_it_has_waited_since_the_oldest_of_them(world: World) -> None:
    ticket, messages = thread_of(world, 3)
    sent = world.desk.conversations[world.desk.tickets[ticket].conversations[0]].sent
    outcome = split(world, ticket, messages[2], messages[1])
    assert outcome.one(TicketOpened).since == outcome.one(WorkQueued).waiting_since == sent[1]


def test_the_wait_goes_with_the_message_that_waits(world: World) -> None:
    ticket, messages = thread_of(world, 2)
    sent = world.desk.conversations[world.desk.tickets[ticket].conversations[0]].sent
    new = split(world, ticket, messages[0]).one(TicketOpened).ticket
    assert [world.desk.tickets[each].waiting_since for each in (new, ticket)] == [*sent]


def test_what_was_answered_before_waits_for_nothing(world: World) -> None:
    ticket, messages = thread_of(world, 2)
    world.update(ticket, LEAD, reply={"text": "Done"})
    latest = world.answer(ticket, "sara").one(MessageReceived)
    new = split(world, ticket, messages[0]).one(TicketOpened).ticket
    assert world.desk.tickets[new].waiting_since is None
    assert world.desk.tickets[ticket].waiting_since == latest.sent_at


def test_both_know_of_each_other(world: World) -> None:
    ticket, messages = thread_of(world, 2)
    outcome = split(world, ticket, messages[1])
    link = outcome.one(TicketsLinked)
    assert (link.ticket, link.other, link.kind) == (outcome.ticket, ticket, "split_from")


def test_messages_of_two_conversations_get_two(world: World) -> None:
    two = World(changed("rules:\n", "limits: {open_tickets_per_customer: 1}\nrules:\n"))
    ticket, messages = thread_of(two, 2)
    form = {"channel": Channel.WEBFORM, "account": "web"}
    messages.append(two.mail("sara", **form).one(MessageReceived).message)
    outcome = split(two, ticket, messages[1], messages[2])
    assert [fact.account for fact in outcome.of(ConversationOpened)] == ["mail", "web"]
    assert outcome.one(TicketOpened).conversation == outcome.of(ConversationOpened)[0].conversation


def test_something_must_stay(world: World) -> None:
    ticket, messages = thread_of(world, 2)
    assert split(world, ticket, *messages).refusal == "nothing_left"
    assert split(world, ticket, messages[0], messages[0]).refusal is None


def test_our_replies_stay_where_they_were_sent(world: World) -> None:
    ticket, messages = thread_of(world, 2)
    reply = world.update(ticket, reply={"text": "x"}).deliveries[0].message
    assert split(world, ticket, messages[1], reply).refusal == "not_a_customer_message"


def test_only_messages_of_the_ticket_are_split_off(world: World) -> None:
    ticket, _ = thread_of(world, 2)
    _, others = thread_of(world, 2)
    assert split(world, ticket, others[1]).refusal == "no_such_message"


def test_a_split_keeps_a_changed_priority(world: World) -> None:
    ticket, messages = thread_of(world, 2)
    world.update(ticket, priority=Priority.HIGH, add_tags=("late",))
    opened = split(world, ticket, messages[1]).one(TicketOpened)
    assert (opened.priority, opened.tags) == (Priority.HIGH, ("late",))


def test_fifty_messages_fit_into_one_command(world: World) -> None:
    ticket, messages = thread_of(world, 51)
    outcome = split(world, ticket, *messages[1:])
    assert len(outcome.of(MessageMoved)) == 50


def test_replies_of_the_customer_still_come_to_the_old_thread(world: World) -> None:
    ticket, messages = thread_of(world, 2)
    split(world, ticket, messages[1])
    assert world.answer(ticket, "sara").one(MessageReceived).ticket == ticket


def link(world: World, ticket: str, other: str, kind: LinkKind = "incident_of") -> Outcome:
    return world.send(LinkTickets(by=LEAD, ticket=ticket, other=other, kind=kind))


def unlink(world: World, ticket: str, other: str, kind: LinkKind = "incident_of") -> Outcome:
    return world.send(UnlinkTickets(by=LEAD, ticket=ticket, other=other, kind=kind))


@pytest.mark.parametrize("kind", ["incident_of", "child_of", "duplicate_of"])
def test_people_relate_tickets(world: World, kind: LinkKind) -> None:
    first, second = world.mail("sara").ticket, world.mail("omar").ticket
    assert link(world, second, first, kind).one(TicketsLinked).kind == kind
    assert link(world, second, first, kind).names == ["CommandSettled"]
    assert unlink(world, second, first, kind).one(TicketsUnlinked).other == first
    assert unlink(world, second, first, kind).refusal == "not_linked"


@pytest.mark.parametrize("kind", ["merged_into", "split_from", "follow_up_of"])
def test_what_happened_is_not_said_by_hand(world: World, kind: LinkKind) -> None:
    first, second = world.mail("sara").ticket, world.mail("omar").ticket
    assert link(world, second, first, kind).refusal == "not_by_hand"
    assert unlink(world, second, first, kind).refusal == "not_by_hand"


def test_a_ticket_is_not_its_own_relative(world: World) -> None:
    ticket = world.mail("sara").ticket
    assert link(world, ticket, ticket).refusal == "same_ticket"


def test_both_must_be_there_to_be_linked(world: World) -> None:
    ticket = world.mail("sara").ticket
    assert link(world, ticket, "nothing").refusal == link(world, "nothing", ticket).refusal == "ticket_not_live"


def test_linking_needs_the_tickets_team(world: World) -> None:
    world.agent("amal", "billing")
    first, second = world.mail("sara").ticket, world.mail("omar").ticket
    command = LinkTickets(by=principal("amal"), ticket=first, other=second, kind="child_of")
    assert world.send(command).refusal == "forbidden"
