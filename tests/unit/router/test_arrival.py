"""Every inbound message is in exactly one conversation, or set aside with a reason."""

from typing import Any

import pytest

from services.router.rules.arrival import RESTORABLE
from shared.catalogue.commands import BlockContactPoint, ReceiveMessage, RestoreMessage
from shared.catalogue.facts import (
    ConversationOpened,
    CustomerRegistered,
    FieldsChanged,
    MessageReceived,
    MessageRestored,
    MessageSetAside,
    StatusChanged,
    TicketOpened,
    WorkQueued,
)
from shared.catalogue.values import Contact, Thread
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Channel, Status
from tests.unit.router.driving import ADMIN, DESK_ID, LEAD, ORGANISATION, SYSTEM, World, contact, principal


def test_a_first_message_registers_its_sender_and_opens_a_ticket() -> None:
    world = World()
    outcome = world.mail("sara")
    opened, received = outcome.one(TicketOpened), outcome.one(MessageReceived)
    assert outcome.one(CustomerRegistered).contact == contact("sara").id
    assert outcome.one(ConversationOpened).ticket == opened.ticket == received.ticket
    assert received.first
    assert (opened.number, opened.cause, opened.account, opened.brand) == (1, "message", "mail", "acme")


def test_numbers_count_up_without_holes() -> None:
    world = World()
    assert [world.mail(f"customer{n}").one(TicketOpened).number for n in range(5)] == [1, 2, 3, 4, 5]


def test_a_message_delivered_twice_has_one_effect() -> None:
    world = World()
    message = world.message("sara")
    first, second, third = (world.send(message) for _ in range(3))
    assert len(first.of(MessageReceived)) == 1
    assert second.facts == third.facts == []


def test_a_repeat_of_what_was_set_aside_says_nothing_either() -> None:
    world = World()
    message = world.message("sara", spam="links")
    assert world.send(message).names == ["MessageSetAside"]
    assert world.send(message).facts == []


def test_a_person_is_registered_once() -> None:
    world = World()
    world.mail("sara")
    assert world.mail("sara").of(CustomerRegistered) == []
    world.wait(30 * DAY)
    assert world.mail("sara").of(CustomerRegistered) == []


def test_two_senders_are_two_customers() -> None:
    world = World()
    first, second = world.mail("sara"), world.mail("omar")
    assert first.one(TicketOpened).customer != second.one(TicketOpened).customer


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"automatic": "auto-replied"}, "automatic"),
        ({"spam": "score"}, "spam"),
        ({"opt_out": True}, "opt_out"),
        ({"automatic": "list", "spam": "score"}, "automatic"),
    ],
)
def test_what_is_no_customers_word_is_set_aside(fields: dict[str, Any], reason: str) -> None:
    world = World()
    outcome = world.mail("sara", **fields)
    assert outcome.names == ["MessageSetAside"]
    assert outcome.one(MessageSetAside).reason == reason
    assert len(world.desk.tickets) == 0


def test_set_aside_mail_can_be_restored_as_long_as_the_log_keeps_it() -> None:
    world = World()
    aside = world.mail("sara", spam="score").one(MessageSetAside)
    assert aside.restorable_until == world.at + RESTORABLE


@pytest.mark.parametrize("address", ["help@acme.example", "HELP@Acme.Example"])
def test_our_own_mail_coming_back_is_an_echo(address: str) -> None:
    world = World()
    sender = Contact(id="own", kind="email", address=address)
    outcome = world.send(world.message().model_copy(update={"sender": sender}))
    assert outcome.one(MessageSetAside).reason == "echo"


def test_a_blocked_sender_is_set_aside_until_unblocked() -> None:
    world = World()
    sara = contact("sara").id
    world.send(BlockContactPoint(by=LEAD, contact=sara, blocked=True))
    assert world.mail("sara").one(MessageSetAside).reason == "blocked"
    world.send(BlockContactPoint(by=LEAD, contact=sara, blocked=False))
    assert world.mail("sara").one(TicketOpened).since == world.at


def test_a_blocked_sender_cannot_write_into_an_open_thread() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    world.send(BlockContactPoint(by=LEAD, contact=contact("sara").id, blocked=True))
    outcome = world.answer(ticket, "sara")
    assert outcome.one(MessageSetAside).conversation == world.desk.tickets[ticket].conversations[0]


def test_before_any_policy_messages_wait_aside() -> None:
    world = World()
    empty = World.without_policy()
    message = world.message("sara")
    assert empty.send(message).one(MessageSetAside).reason == "no_policy"
    empty.apply()
    restored = empty.send(RestoreMessage(by=LEAD, message=message.message))
    assert restored.one(MessageReceived).message == message.message


def test_an_absence_note_in_a_verified_thread_is_kept_there_and_changes_nothing() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=Status.PENDING)
    outcome = world.answer(ticket, "sara", automatic="auto-replied")
    assert outcome.names == ["MessageReceived"]
    assert (outcome.one(MessageReceived).automatic, outcome.one(MessageReceived).author_kind) == (
        "auto-replied",
        "customer",
    )
    assert world.desk.tickets[ticket].status is Status.PENDING


def test_a_bounce_in_a_verified_thread_is_a_third_partys() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    outcome = world.answer(ticket, "mailer-daemon", automatic="report")
    assert outcome.one(MessageReceived).author_kind == "third_party"
    assert outcome.of(CustomerRegistered) == []


def test_automatic_mail_for_a_closed_ticket_is_set_aside() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    conversation = world.desk.tickets[ticket].conversations[0]
    world.update(ticket, status=Status.RESOLVED)
    world.wait(30 * DAY)
    outcome = world.mail("sara", thread=Thread(conversation=conversation), automatic="auto-replied")
    assert outcome.names == ["MessageSetAside"]


def test_automatic_mail_is_not_acknowledged() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    assert world.answer(ticket, "sara", automatic="auto-replied").deliveries == []


def test_an_automatic_message_is_not_what_a_reply_answers() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    conversation = world.desk.conversations[world.desk.tickets[ticket].conversations[0]]
    first = conversation.latest
    world.answer(ticket, "sara", automatic="auto-replied")
    assert world.desk.conversations[world.desk.tickets[ticket].conversations[0]].latest == first


def test_a_restored_message_opens_its_ticket_with_its_own_age() -> None:
    world = World()
    aside = world.mail("sara", "card", spam="score").one(MessageSetAside)
    world.wait(2 * HOUR)
    outcome = world.send(RestoreMessage(by=LEAD, message=aside.message))
    assert outcome.one(MessageRestored).message == aside.message
    opened = outcome.one(TicketOpened)
    assert (opened.since, opened.rule) == (aside.sent_at, "cards")
    assert outcome.settled.made["ticket"] == opened.ticket


def test_a_restored_message_joins_the_thread_it_was_written_into() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    aside = world.answer(ticket, "sara", spam="score").one(MessageSetAside)
    outcome = world.send(RestoreMessage(by=LEAD, message=aside.message))
    assert outcome.one(MessageReceived).ticket == ticket == outcome.settled.made["ticket"]
    assert outcome.of(TicketOpened) == []


def test_restored_thanks_still_reopen_nothing() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    world.update(ticket, status=Status.RESOLVED)
    aside = world.answer(ticket, "sara", spam="score", thanks=True).one(MessageSetAside)
    outcome = world.send(RestoreMessage(by=LEAD, message=aside.message))
    assert outcome.of(StatusChanged) == []


def test_a_message_is_restored_once() -> None:
    world = World()
    aside = world.mail("sara", spam="score").one(MessageSetAside)
    world.send(RestoreMessage(by=LEAD, message=aside.message))
    assert world.send(RestoreMessage(by=LEAD, message=aside.message)).refusal == "not_set_aside"


def test_what_is_too_old_is_not_restored() -> None:
    world = World()
    aside = world.mail("sara", spam="score").one(MessageSetAside)
    world.wait(RESTORABLE)
    assert world.send(RestoreMessage(by=LEAD, message=aside.message)).refusal == "not_set_aside"


def test_old_set_aside_mail_is_forgotten_when_new_comes() -> None:
    world = World()
    world.mail("sara", spam="score")
    world.wait(RESTORABLE + 1)
    world.mail("omar", spam="score")
    assert len(world.desk.asides) == 1


def test_what_was_never_set_aside_cannot_be_restored() -> None:
    world = World()
    message = world.mail("sara").one(MessageReceived).message
    assert world.send(RestoreMessage(by=LEAD, message=message)).refusal == "not_set_aside"


def test_restoring_is_for_staff() -> None:
    world = World()
    aside = world.mail("sara", spam="score").one(MessageSetAside)
    customer = principal("sara", "customer")
    assert world.send(RestoreMessage(by=customer, message=aside.message)).refusal == "forbidden"


def test_the_wait_is_counted_from_when_the_provider_took_the_message() -> None:
    world = World()
    sent_at = world.at - 40 * MINUTE
    outcome = world.mail("sara", sent_at=sent_at)
    assert outcome.one(TicketOpened).since == sent_at
    assert outcome.one(WorkQueued).waiting_since == sent_at


@pytest.mark.parametrize(("sent", "believed"), [(-30 * DAY, -7 * DAY), (3 * HOUR, 0), (-7 * DAY, -7 * DAY)])
def test_a_wrong_clock_of_a_provider_is_believed_within_a_week_and_never_ahead(sent: int, believed: int) -> None:
    world = World()
    at = world.at + 1
    assert world.mail("sara", sent_at=at + sent).one(TicketOpened).since == at + believed


def test_form_fields_are_named_and_their_values_stay_out_of_facts() -> None:
    world = World()
    outcome = world.mail("sara", channel=Channel.WEBFORM, account="web", fields={"order": "4711-secret"})
    changed = outcome.one(FieldsChanged)
    assert changed.names == ("order",)
    assert all(b"4711-secret" not in record.value for record in world.published)


def test_no_text_name_or_address_gets_into_a_fact() -> None:
    world = World()
    world.mail("sara", text="my secret text", subject="my secret subject")
    facts = [record.value for record in world.published if record.topic == "sanad.desk"]
    for word in (b"secret", b"sara@client.example", b'"sara"'):
        assert not any(word in value for value in facts)


def test_a_message_for_an_account_the_policy_does_not_know_is_still_taken_in() -> None:
    world = World()
    opened = world.mail("sara", account="forgotten").one(TicketOpened)
    assert (opened.account, opened.brand, opened.team) == ("forgotten", None, "front")


def test_inbound_messages_have_no_settled_command() -> None:
    world = World()
    assert "CommandSettled" not in world.mail("sara").names


def test_who_appended_the_message_does_not_decide_whether_it_is_taken() -> None:
    world = World()
    stranger = principal("somebody", "customer")
    message = world.message("sara").model_copy(update={"by": stranger})
    assert isinstance(message, ReceiveMessage)
    assert world.send(message).one(TicketOpened).number == 1


def test_the_desk_of_these_tests_is_the_one_its_principals_name() -> None:
    assert {(who.organisation, who.desk) for who in (ADMIN, LEAD, SYSTEM)} == {(ORGANISATION, DESK_ID)}
