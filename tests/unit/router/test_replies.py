"""What goes out: replies, acknowledgements, and what comes of them."""

import pytest

from shared.catalogue.commands import BlockContactPoint, MergeTickets, SplitTicket, UnmergeTicket
from shared.catalogue.facts import DeliveryReported, MessageReceived, MessageSent, StatusChanged, WorkAssigned
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Channel, Purpose, Status
from tests.unit.router.driving import LEAD, World, contact, principal
from tests.unit.router.policies import changed


@pytest.fixture
def world() -> World:
    world = World()
    world.agent("amal")
    return world


def test_a_reply_is_a_fact_and_a_delivery_with_its_text(world: World) -> None:
    outcome = world.mail("sara", copied=(contact("colleague"),))
    received = outcome.one(MessageReceived)
    replied = world.update(outcome.ticket, "amal", reply={"text": "السلام عليكم", "language": "ar"})
    sent, delivery = replied.one(MessageSent), replied.deliveries[0]
    assert (sent.author_kind, sent.by, sent.automatic) == ("agent", "amal", False)
    assert (delivery.message, delivery.delivery, delivery.kind) == (sent.message, sent.delivery, "reply")
    assert (delivery.text, delivery.language, delivery.purpose) == ("السلام عليكم", "ar", Purpose.SERVICE)
    assert (delivery.to, delivery.copied) == (contact("sara").id, (contact("colleague").id,))
    assert (delivery.answers, delivery.account, delivery.number) == (received.message, "mail", 1)


def test_a_delivery_carries_what_a_follow_up_would_inherit(world: World) -> None:
    ticket = world.mail("sara").ticket
    follow_up = world.update(ticket, "amal", reply={"text": "x"}).deliveries[0].follow_up
    assert (follow_up.ticket, follow_up.number, follow_up.team, follow_up.owner) == (ticket, 1, "front", "amal")


def test_a_reply_answers_the_latest_message(world: World) -> None:
    ticket = world.mail("sara").ticket
    latest = world.answer(ticket, "sara").one(MessageReceived).message
    assert world.update(ticket, "amal", reply={"text": "x"}).deliveries[0].answers == latest


def test_a_reply_goes_to_the_conversation_named_else_the_latest(world: World) -> None:
    first = world.mail("sara")
    second = world.mail("sara", channel=Channel.WEBFORM, account="web", quoted=(first.one(MessageReceived).message,))
    assert second.one(MessageReceived).conversation == first.one(MessageReceived).conversation
    two = World(changed("rules:\n", "limits: {open_tickets_per_customer: 1}\nrules:\n"))
    ticket = two.mail("sara").ticket
    two.mail("sara", channel=Channel.WEBFORM, account="web")
    by_mail, by_form = two.desk.tickets[ticket].conversations
    assert two.update(ticket, reply={"text": "x"}).deliveries[0].conversation == by_form
    named = two.update(ticket, reply={"text": "x", "conversation": by_mail}).deliveries[0]
    assert (named.conversation, named.account) == (by_mail, "mail")
    assert two.update(ticket, reply={"text": "x"}).deliveries[0].conversation == by_mail


def test_a_new_ticket_is_acknowledged_with_its_number(world: World) -> None:
    outcome = world.mail("sara")
    delivery = outcome.deliveries[0]
    assert (delivery.kind, delivery.copied, delivery.language) == ("automatic", (), "en")
    assert "SUP-1" in delivery.text
    assert "Acme" in delivery.text
    assert outcome.one(MessageSent).automatic


def test_it_is_acknowledged_in_the_customers_language(world: World) -> None:
    assert "رقم طلبك" in world.mail("sara", language="ar").deliveries[0].text


def test_nobody_is_acknowledged_twice_a_day(world: World) -> None:
    assert len(world.mail("sara").deliveries) == 1
    assert world.mail("sara").deliveries == []
    assert len(world.mail("omar").deliveries) == 1
    world.wait(DAY - MINUTE)
    assert world.mail("sara").deliveries == []
    world.wait(4 * HOUR)
    assert len(world.mail("sara").deliveries) == 1
    assert world.mail("sara").deliveries == []


@pytest.mark.parametrize("a_day", [0, 1, 3])
def test_the_policy_says_how_often_a_day(a_day: int) -> None:
    world = World(changed("rules:\n", f"limits: {{automatic_replies_per_day: {a_day}}}\nrules:\n"))
    assert sum(len(world.mail("sara").deliveries) for _ in range(5)) == a_day


def test_acknowledgements_can_be_switched_off() -> None:
    world = World(changed("rules:\n", "texts: {acknowledgement: {enabled: false}}\nrules:\n"))
    assert world.mail("sara").deliveries == []


def test_who_said_stop_is_not_written_to_by_itself_but_gets_answers(world: World) -> None:
    world.mail("sara", opt_out=True)
    outcome = world.mail("sara")
    assert outcome.deliveries == []
    assert len(world.update(outcome.ticket, "amal", reply={"text": "x"}).deliveries) == 1


def test_stop_for_one_brand_is_not_stop_for_all() -> None:
    world = World(
        changed(
            "{acme: {name: Acme}}", "{acme: {name: Acme}, beta: {name: Beta}}",
            "help@acme.example}", "help@acme.example, brand: acme}", "key: pk_acme_contact}", "key: pk_acme_contact, brand: beta}",
            "language: ar}", "language: ar, brand: acme}", "survey: required}}", "survey: required}, brand: acme}",
        )
    )  # fmt: skip
    world.mail("sara", opt_out=True)
    assert world.mail("sara").deliveries == []
    assert len(world.mail("sara", channel=Channel.WEBFORM, account="web").deliveries) == 1


def test_an_account_without_consent_for_service_stays_silent(world: World) -> None:
    assert world.mail("sara", channel=Channel.SMS, account="news").deliveries == []


def test_joining_a_ticket_is_not_acknowledged(world: World) -> None:
    ticket = world.mail("sara").ticket
    world.wait(2 * DAY)
    assert world.answer(ticket, "sara").deliveries == []


def test_a_reply_ends_the_customers_wait(world: World) -> None:
    ticket = world.mail("sara").ticket
    assert world.desk.tickets[ticket].waiting_since is not None
    world.update(ticket, "amal", reply={"text": "x"})
    assert world.desk.tickets[ticket].waiting_since is None
    waits_since = world.answer(ticket, "sara").one(MessageReceived).sent_at
    world.wait(HOUR)
    world.answer(ticket, "sara")
    assert world.desk.tickets[ticket].waiting_since == waits_since


def test_an_acknowledgement_ends_no_wait(world: World) -> None:
    ticket = world.mail("sara").ticket
    assert world.desk.tickets[ticket].waiting_since == world.desk.tickets[ticket].opened


@pytest.mark.parametrize("outcome", ["delivered", "unknown", "stored"])
def test_a_report_is_recorded(world: World, outcome: str) -> None:
    ticket = world.mail("sara").ticket
    delivery = world.update(ticket, "amal", reply={"text": "x"}).deliveries[0]
    reported = world.report(delivery, outcome, code="250")
    assert reported.names == ["DeliveryReported"]
    assert (reported.one(DeliveryReported).outcome, reported.one(DeliveryReported).code) == (outcome, "250")


def test_the_same_report_twice_is_one_fact_and_a_late_bounce_another(world: World) -> None:
    ticket = world.mail("sara").ticket
    delivery = world.update(ticket, "amal", reply={"text": "x"}).deliveries[0]
    assert len(world.report(delivery).facts) == 1
    assert world.report(delivery).facts == []
    assert world.report(delivery, "failed", permanent=True).one(DeliveryReported).permanent


def test_a_report_about_what_we_never_sent_says_nothing(world: World) -> None:
    ticket = world.mail("sara").ticket
    delivery = world.update(ticket, "amal", reply={"text": "x"}).deliveries[0]
    assert world.report(delivery, message="never-sent").facts == []
    assert world.report(delivery, conversation="nowhere").facts == []


def test_an_acknowledgements_fate_is_recorded_and_asks_nobodys_time(world: World) -> None:
    outcome = world.mail("sara")
    world.update(outcome.ticket, "amal", status=Status.PENDING)
    reported = world.report(outcome.deliveries[0], "failed", permanent=True)
    assert reported.names == ["DeliveryReported"]


@pytest.mark.parametrize("status", [Status.PENDING, Status.ON_HOLD, Status.RESOLVED])
def test_a_reply_that_never_arrived_comes_back_to_its_owner(world: World, status: Status) -> None:
    ticket = world.mail("sara").ticket
    since = world.desk.tickets[ticket].opened
    reason = "snoozed" if status is Status.ON_HOLD else None
    delivery = world.update(ticket, "amal", reply={"text": "x"}, status=status, hold_reason=reason).deliveries[0]
    outcome = world.report(delivery, "failed", permanent=True)
    assert (outcome.one(StatusChanged).status, outcome.one(StatusChanged).cause) == (Status.OPEN, "delivery_failed")
    assert (outcome.one(WorkAssigned).agent, outcome.one(WorkAssigned).how) == ("amal", "returned")
    assert world.desk.tickets[ticket].waiting_since == since


def test_a_failure_that_may_pass_changes_nothing(world: World) -> None:
    ticket = world.mail("sara").ticket
    delivery = world.update(ticket, "amal", reply={"text": "x"}, status=Status.PENDING).deliveries[0]
    assert world.report(delivery, "failed").names == ["DeliveryReported"]


def test_a_failed_reply_keeps_the_older_wait(world: World) -> None:
    ticket = world.mail("sara").ticket
    since = world.desk.tickets[ticket].opened
    delivery = world.update(ticket, "amal", reply={"text": "x"}).deliveries[0]
    world.wait(HOUR)
    world.answer(ticket, "sara")
    world.report(delivery, "failed", permanent=True)
    assert world.desk.tickets[ticket].waiting_since == since


@pytest.mark.parametrize("fails", [0, 1])
def test_as_long_as_one_reply_stands_the_customer_has_been_answered(world: World, fails: int) -> None:
    ticket = world.mail("sara").ticket
    replies = [world.update(ticket, "amal", reply={"text": text}).deliveries[0] for text in ("one", "two")]
    world.update(ticket, "amal", status=Status.PENDING)
    assert world.report(replies[fails], "failed", permanent=True).names == ["DeliveryReported"]
    assert world.desk.tickets[ticket].waiting_since is None
    assert world.desk.tickets[ticket].status is Status.PENDING


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_when_the_last_reply_that_stood_fails_the_customer_waits_again(world: World, order: tuple[int, int]) -> None:
    ticket = world.mail("sara").ticket
    since = world.desk.tickets[ticket].waiting_since
    replies = [world.update(ticket, "amal", reply={"text": text}).deliveries[0] for text in ("one", "two")]
    world.update(ticket, "amal", status=Status.PENDING)
    for place in order:
        world.report(replies[place], "failed", permanent=True)
    assert world.desk.tickets[ticket].waiting_since == since
    assert world.desk.tickets[ticket].status is Status.OPEN


def test_the_answer_to_an_earlier_question_may_fail_when_the_later_one_was_answered(world: World) -> None:
    ticket = world.mail("sara").ticket
    first = world.update(ticket, "amal", reply={"text": "one"}).deliveries[0]
    world.answer(ticket, "sara")
    world.update(ticket, "amal", reply={"text": "two"}, status=Status.PENDING)
    assert world.report(first, "failed", permanent=True).names == ["DeliveryReported"]
    assert world.desk.tickets[ticket].waiting_since is None


def test_a_reply_that_never_arrived_is_missed_also_where_its_ticket_lives_on(world: World) -> None:
    first, host = world.mail("sara").ticket, world.mail("sara").ticket
    since = world.desk.tickets[first].waiting_since
    lost = world.update(first, "amal", reply={"text": "one"}).deliveries[0]
    world.update(host, "amal", reply={"text": "two"}, status=Status.PENDING)
    world.send(MergeTickets(by=LEAD, ticket=first, into=host))
    world.update(host, "amal", status=Status.PENDING)
    outcome = world.report(lost, "failed", permanent=True)
    assert outcome.one(StatusChanged).ticket == host
    assert world.desk.tickets[host].waiting_since == since


def test_whose_answer_never_arrived_waits_on_in_the_ticket_theirs_becomes_a_part_of(world: World) -> None:
    first, host = world.mail("sara").ticket, world.mail("sara").ticket
    world.update(host, "amal", reply={"text": "two"})
    lost = world.update(first, "amal", reply={"text": "one"}).deliveries[0]
    world.report(lost, "failed", permanent=True)
    since = world.desk.tickets[first].waiting_since
    world.send(MergeTickets(by=LEAD, ticket=first, into=host))
    assert world.desk.tickets[host].waiting_since == since is not None
    world.send(UnmergeTicket(by=LEAD, ticket=first))
    assert (world.desk.tickets[first].waiting_since, world.desk.tickets[host].waiting_since) == (since, None)


def test_reports_about_closed_tickets_say_nothing(world: World) -> None:
    ticket = world.mail("sara").ticket
    delivery = world.update(ticket, "amal", reply={"text": "x"}, status=Status.RESOLVED).deliveries[0]
    world.wait(30 * DAY)
    assert world.report(delivery).facts == []


def test_a_failed_reply_on_spam_wakes_nobody(world: World) -> None:
    ticket = world.mail("sara").ticket
    delivery = world.update(ticket, "amal", reply={"text": "x"}, status=Status.PENDING).deliveries[0]
    world.update(ticket, spam=True)
    assert world.report(delivery, "failed", permanent=True).names == ["DeliveryReported"]


def test_blocking_a_sender_does_not_silence_people(world: World) -> None:
    ticket = world.mail("sara").ticket
    world.send(BlockContactPoint(by=LEAD, contact=contact("sara").id, blocked=True))
    assert len(world.update(ticket, "amal", reply={"text": "please stop"}).deliveries) == 1


def test_a_key_of_an_integration_replies_as_a_person(world: World) -> None:
    ticket = world.mail("sara").ticket
    key = principal("crm", "integrator", ("tickets:write",))
    assert world.update(ticket, key, reply={"text": "x"}).one(MessageSent).author_kind == "agent"


def test_replies_after_a_split_answer_what_stayed(world: World) -> None:
    first = world.mail("sara")
    world.wait(MINUTE)
    second = world.answer(first.ticket, "sara").one(MessageReceived).message
    world.send(SplitTicket(by=LEAD, ticket=first.ticket, messages=(second,)))
    answered = world.update(first.ticket, reply={"text": "x"}).deliveries[0].answers
    assert answered == first.one(MessageReceived).message
