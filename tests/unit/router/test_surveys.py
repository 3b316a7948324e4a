"""Questions go out through the conversation, if they may; answers come in as commands."""

from typing import Any

import pytest

from shared.catalogue.commands import AnswerSurvey, InviteToSurvey, MergeTickets
from shared.catalogue.facts import DeliveryReported, MessageSent, SurveyAnswerReceived
from shared.clock import DAY, HOUR
from shared.ids import invitation_id
from shared.policy.terms import Channel, Purpose, Status
from tests.unit.router.driving import LEAD, SYSTEM, Outcome, World, principal
from tests.unit.router.policies import TEXT, changed, policy


@pytest.fixture
def world() -> World:
    return World()


def invite(world: World, ticket: str, resolution: int = 1, **fields: Any) -> Outcome:
    given = {
        "by": SYSTEM, "survey": "survey-1", "kind": "csat", "ticket": ticket, "resolution": resolution,
        "customer": "somebody", "language": "en",
    }  # fmt: skip
    return world.send(InviteToSurvey.model_validate(given | fields))


def resolved(world: World, **fields: Any) -> str:
    ticket = world.mail("sara", **fields).ticket
    world.update(ticket, status=Status.RESOLVED)
    return ticket


def test_an_invitation_is_a_message_in_the_conversation(world: World) -> None:
    ticket = resolved(world)
    outcome = invite(world, ticket)
    sent, delivery = outcome.one(MessageSent), outcome.deliveries[0]
    assert (sent.survey, sent.survey_kind, sent.automatic, sent.author_kind) == ("survey-1", "csat", True, "system")
    assert sent.message == invitation_id(outcome.settled.command) == outcome.settled.made["message"]
    assert (delivery.kind, delivery.purpose, delivery.survey, delivery.resolution) == (
        "survey", Purpose.SURVEY, "survey-1", 1,
    )  # fmt: skip


def test_it_is_written_in_the_customers_language_and_leaves_the_link_to_the_sender(world: World) -> None:
    ticket = resolved(world)
    text = invite(world, ticket, language="ar").deliveries[0].text
    assert "تم حل طلبك" in text
    assert "SUP-1" in text
    assert "{link}" in text


def test_a_reminder_has_its_own_words(world: World) -> None:
    ticket = resolved(world)
    first = invite(world, ticket)
    second = invite(world, ticket, reminder=True)
    assert second.one(MessageSent).reminder
    assert second.one(MessageSent).message != first.one(MessageSent).message
    assert second.deliveries[0].text != first.deliveries[0].text


def test_nobody_is_copied_on_a_survey(world: World) -> None:
    ticket = resolved(world, copied=())
    assert invite(world, ticket).deliveries[0].copied == ()


def test_what_was_reopened_is_not_asked_about(world: World) -> None:
    ticket = resolved(world)
    world.answer(ticket, "sara")
    assert invite(world, ticket).refusal == "not_resolved"


def test_an_older_resolution_is_not_asked_about(world: World) -> None:
    ticket = resolved(world)
    world.answer(ticket, "sara")
    world.update(ticket, status=Status.RESOLVED)
    assert invite(world, ticket).refusal == "other_resolution"
    assert invite(world, ticket, resolution=2).refusal is None


def test_spam_is_not_asked(world: World) -> None:
    ticket = resolved(world)
    world.update(ticket, spam=True)
    assert invite(world, ticket).refusal == "spam"


def test_a_merged_ticket_is_not_asked_about(world: World) -> None:
    first, second = resolved(world), resolved(world)
    world.send(MergeTickets(by=LEAD, ticket=second, into=first))
    assert invite(world, second).refusal == "ticket_merged"


def test_who_said_stop_is_not_asked(world: World) -> None:
    ticket = resolved(world)
    world.mail("sara", opt_out=True)
    assert invite(world, ticket).refusal == "opted_out"


@pytest.mark.parametrize(
    ("rule", "refusal"), [("never", "consent_never"), ("required", "no_consent"), ("implied", None)]
)
def test_the_accounts_consent_rules_decide(rule: str, refusal: str | None) -> None:
    world = World(changed("address: help@acme.example", f"address: help@acme.example, consent: {{survey: {rule}}}"))
    assert invite(world, resolved(world)).refusal == refusal


def test_consent_is_the_conversations_accounts(world: World) -> None:
    ticket = resolved(world, channel=Channel.SMS, account="news")
    assert invite(world, ticket).refusal == "no_consent"


def test_an_unknown_ticket_is_not_asked_about(world: World) -> None:
    assert invite(world, "nothing").refusal == "ticket_not_live"


def test_a_closed_ticket_is_still_asked_about() -> None:
    world = World(changed("reopen_window: 7d", "reopen_window: 10m"))
    ticket = resolved(world)
    world.wait(DAY)
    assert world.desk.tickets[ticket].status is Status.CLOSED
    assert invite(world, ticket).refusal is None
    world.wait(2 * DAY)
    assert invite(world, ticket, reminder=True).refusal is None


def test_only_the_survey_service_invites(world: World) -> None:
    ticket = resolved(world)
    assert invite(world, ticket, by=principal("amal")).refusal == "forbidden"


@pytest.mark.parametrize("text", ["{enabled: false}", '{enabled: false, body: "{link}"}'])
def test_a_text_that_is_switched_off_is_not_sent(text: str) -> None:
    rules = policy(TEXT + f"texts: {{survey_invitation: {text}}}\n")
    world = World(rules)
    outcome = invite(world, resolved(world))
    assert (outcome.refusal, outcome.deliveries) == ("text_disabled", [])


def test_a_reminder_may_be_switched_off_alone() -> None:
    world = World(policy(TEXT + "texts: {survey_reminder: {enabled: false}}\n"))
    ticket = resolved(world)
    assert invite(world, ticket).refusal is None
    assert invite(world, ticket, reminder=True).refusal == "text_disabled"


def test_an_invitation_is_no_answer_to_a_waiting_customer(world: World) -> None:
    ticket = resolved(world)
    since = world.desk.tickets[ticket].waiting_since
    invite(world, ticket)
    assert world.desk.tickets[ticket].waiting_since == since


def test_what_became_of_an_invitation_is_recorded(world: World) -> None:
    ticket = resolved(world)
    delivery = invite(world, ticket).deliveries[0]
    reported = world.report(delivery, "failed", permanent=True)
    assert reported.names == ["DeliveryReported"]
    assert reported.one(DeliveryReported).message == delivery.message


def test_asking_is_counted_apart_from_acknowledging(world: World) -> None:
    ticket = resolved(world)
    invite(world, ticket)
    world.wait(30 * HOUR)
    assert len(world.mail("sara").deliveries) == 1


def answer(world: World, **fields: Any) -> Outcome:
    given = {
        "by": SYSTEM, "survey": "survey-1", "ticket": "t", "resolution": 1, "kind": "csat", "score": 4,
        "language": "ar", "wording": "v1",
    }  # fmt: skip
    return world.send(AnswerSurvey.model_validate(given | fields))


def test_an_answer_is_on_record_whatever_it_says(world: World) -> None:
    outcome = answer(world, comment="too slow, my secret")
    fact = outcome.one(SurveyAnswerReceived)
    assert (fact.score, fact.comment, fact.wording, fact.command) == (4, True, "v1", outcome.settled.command)
    assert not answer(world).one(SurveyAnswerReceived).comment
    assert not any(b"secret" in record.value for record in world.published)


def test_who_may_answer(world: World) -> None:
    assert answer(world, by=principal("sara", "customer")).refusal is None
    assert answer(world, by=principal("amal")).refusal == "forbidden"
