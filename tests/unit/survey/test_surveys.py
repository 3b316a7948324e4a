"""Whom survey asks, when, and which answers count."""

import pytest

from services.survey.app import LOGIC
from services.survey.surveys import Surveys, survey_id
from shared.catalogue.commands import InviteToSurvey, OpenTask
from shared.catalogue.facts import (
    AnswerNotCounted,
    CustomersMerged,
    DeliveryReported,
    MessageSent,
    PolicyApplied,
    SpamMarked,
    StatusChanged,
    SurveyAnswered,
    SurveyAnswerReceived,
    SurveyCancelled,
    SurveyExpired,
    SurveyInvited,
    SurveyScheduled,
    SurveySent,
    SurveySkipped,
    TicketMerged,
    TicketUnmerged,
    TimeReached,
)  # fmt: skip
from shared.clock import DAY, HOUR, MINUTE
from shared.decider import Decider
from shared.policy.terms import Channel, Status
from tests.unit.survey.desk_facts import DESK_ID, NOON, Log, policy

SURVEY = survey_id("t1", 1, "csat")


def answer(score: int, survey: str = SURVEY, ticket: str = "t1", *, comment: bool = False) -> SurveyAnswerReceived:
    return SurveyAnswerReceived(
        survey=survey, ticket=ticket, resolution=1, kind="csat", score=score, language="ar", wording="w1",
        comment=comment, command="a1",
    )  # fmt: skip


def sent(*, reminder: bool = False, message: str = "m1") -> MessageSent:
    return MessageSent(
        message=message, delivery="d1", conversation="v1", ticket="t1", by="survey", author_kind="system",
        channel=Channel.WEBFORM, automatic=True, survey=SURVEY, survey_kind="csat", reminder=reminder,
    )  # fmt: skip


@pytest.fixture
def log() -> Log:
    log = Log()
    log.open()
    return log


@pytest.fixture
def asked(log: Log) -> Log:
    log.resolve()
    log.wait(HOUR)
    log.settle(log.commands[0][0])
    log.say(sent())
    return log


def test_a_resolution_is_asked_about_after_the_delay(log: Log) -> None:
    (scheduled,) = log.resolve()
    assert isinstance(scheduled, SurveyScheduled)
    assert (scheduled.send_at, scheduled.owner, scheduled.team) == (NOON + HOUR, "sara", "cards")
    assert log.wait(HOUR - 1) == []
    (invited,) = log.wait(1)
    assert isinstance(invited, SurveyInvited)
    (command_id, invite), *others = log.commands
    assert isinstance(invite, InviteToSurvey)
    assert (invite.survey, invite.language, invite.reminder) == (SURVEY, "ar", False)
    assert command_id == invited.command
    assert not others


def test_nobody_is_asked_in_the_quiet_hours(log: Log) -> None:
    log.wait(8 * HOUR + 30 * MINUTE)
    (scheduled,) = log.resolve()
    assert isinstance(scheduled, SurveyScheduled)
    assert scheduled.send_at == NOON + 21 * HOUR, "20:30 and an hour is quiet until 09:00 of the next day"


def test_a_desk_that_was_down_asks_nobody_in_the_quiet_hours(log: Log) -> None:
    log.resolve()
    assert log.say(TimeReached(desk=DESK_ID, due=NOON + HOUR), 14 * HOUR) == []
    assert log.wait(7 * HOUR - 1) == []
    assert [type(fact) for fact in log.wait(1)] == [SurveyInvited], "at nine in the morning"
    assert log.at == NOON + 21 * HOUR


def test_nobody_is_reminded_in_the_quiet_hours(log: Log) -> None:
    log.say(PolicyApplied(desk=DESK_ID, version=2, policy=policy("reminder_after: 2d", "reminder_after: 36h")))
    log.resolve()
    log.wait(HOUR)
    assert log.wait(44 * HOUR - 1) == [], "36 hours later it is one in the morning"
    (reminded,) = log.wait(1)
    assert isinstance(reminded, SurveyInvited)
    assert reminded.reminder


def test_a_survey_that_ends_in_the_quiet_hours_ends_then(log: Log) -> None:
    log.say(
        PolicyApplied(
            desk=DESK_ID,
            version=2,
            policy=policy("reminder_after: 2d, expires_after: 7d", "reminder_after: 34h, expires_after: 36h"),
        )
    )
    log.resolve()
    log.wait(HOUR)
    assert log.wait(36 * HOUR - 1) == [], "at 23:00 nobody is reminded, and at nine it is too late"
    assert [type(fact) for fact in log.wait(1)] == [SurveyExpired]


def test_quiet_hours_that_come_later_hold_for_what_was_planned_before(log: Log) -> None:
    log.resolve()
    log.say(PolicyApplied(desk=DESK_ID, version=2, policy=policy("21:00-09:00", "12:30-15:00")))
    assert log.wait(3 * HOUR - 1) == []
    assert [type(fact) for fact in log.wait(1)] == [SurveyInvited]


@pytest.mark.parametrize("cause", ["silent", "duplicate", "spam", "merged"])
def test_only_a_solved_ticket_is_asked_about(log: Log, cause: str) -> None:
    assert log.resolve(cause=cause) == []


def test_reopening_cancels_the_question(log: Log) -> None:
    log.resolve()
    log.say(StatusChanged(ticket="t1", former=Status.RESOLVED, status=Status.OPEN, cause="customer_replied"))
    assert isinstance(log.facts[-1], SurveyCancelled)
    assert log.wait(10 * DAY) == []
    assert log.commands == []


def test_each_resolution_has_its_own_question_but_one_customer_is_asked_once_in_thirty_days(asked: Log) -> None:
    asked.say(StatusChanged(ticket="t1", former=Status.RESOLVED, status=Status.OPEN, cause="customer_replied"))
    asked.resolve(resolution=2)
    said = asked.wait(DAY)
    assert [type(fact) for fact in said] == [SurveySkipped]
    assert said[0].reason == "asked_recently"  # type: ignore[attr-defined]  # its type was judged above


def test_after_thirty_days_the_customer_may_be_asked_again(asked: Log) -> None:
    asked.wait(31 * DAY)
    asked.open("t2")
    asked.resolve("t2")
    assert any(isinstance(fact, SurveyInvited) for fact in asked.wait(DAY))


def test_merged_customers_are_one_customer(asked: Log) -> None:
    asked.open("t2", customer="c2")
    asked.say(CustomersMerged(customer="c1", into="c2"))
    asked.resolve("t2")
    assert [type(fact) for fact in asked.wait(DAY)] == [SurveySkipped]


@pytest.mark.parametrize("resolved", ["before", "after"])
def test_a_ticket_opened_under_a_former_name_asks_the_customer_they_are_now(asked: Log, resolved: str) -> None:
    asked.open("t2", customer="c2")
    if resolved == "before":
        asked.resolve("t2")
    asked.say(CustomersMerged(customer="c2", into="c3"))
    asked.say(CustomersMerged(customer="c3", into="c1"))
    if resolved == "after":
        asked.resolve("t2")
    assert [type(fact) for fact in asked.wait(DAY)] == [SurveySkipped]


def test_an_invitation_refused_after_a_merge_leaves_the_customer_unasked(log: Log) -> None:
    log.resolve()
    log.wait(HOUR)
    log.say(CustomersMerged(customer="c1", into="c2"))
    log.settle(log.commands[0][0], "refused", "no_consent")
    log.open("t2", customer="c2")
    log.resolve("t2")
    (invited,) = log.wait(DAY)[:1]
    assert isinstance(invited, SurveyInvited)
    log.settle(log.commands[-1][0])
    assert log.say(answer(5, invited.survey, "t2"))[0].customer == "c2"  # type: ignore[attr-defined]  # it was counted


def test_what_is_told_of_a_merged_customer_names_whom_they_are_now(log: Log) -> None:
    log.say(CustomersMerged(customer="c1", into="c2"))
    (scheduled,) = log.resolve()
    assert isinstance(scheduled, SurveyScheduled)
    log.say(CustomersMerged(customer="c2", into="c3"))
    log.wait(HOUR)
    (_, invite), *_ = log.commands
    assert isinstance(invite, InviteToSurvey)
    assert (scheduled.customer, invite.customer) == ("c2", "c3")
    (answered,) = log.say(answer(5))
    assert isinstance(answered, SurveyAnswered)
    assert answered.customer == "c3"


def test_merges_are_remembered_within_bounds(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.survey.surveys.MOST_MERGES", 3)
    for number in range(5):
        log.say(CustomersMerged(customer=f"d{number}", into="d9"))
    assert list(log.decider.states[DESK_ID].merged) == ["d2", "d3", "d4"]


def test_one_reminder_then_expiry(asked: Log) -> None:
    said = asked.wait(30 * DAY)
    assert [type(fact) for fact in said] == [SurveyInvited, SurveyExpired]
    assert said[0].reminder  # type: ignore[attr-defined]  # its type was judged above
    assert len(asked.commands) == 2


def test_an_answered_survey_is_not_reminded(asked: Log) -> None:
    asked.say(answer(5))
    assert asked.wait(20 * DAY) == []


def test_the_first_answer_counts_with_the_owner_frozen_when_asked(asked: Log) -> None:
    (answered,) = asked.say(answer(4, comment=True))
    assert isinstance(answered, SurveyAnswered)
    assert (answered.score, answered.low, answered.owner, answered.comment) == (4, False, "sara", True)
    (second,) = asked.say(answer(1))
    assert isinstance(second, AnswerNotCounted)
    assert second.reason == "answered"


def test_a_low_score_becomes_a_task_for_the_lead(asked: Log) -> None:
    asked.say(answer(2))
    _, task = asked.commands[-1]
    assert isinstance(task, OpenTask)
    assert (task.purpose, task.ticket, task.team) == ("low_score", "t1", "cards")
    assert task.due_at == asked.at + DAY


def test_a_good_score_asks_nothing_of_anybody(asked: Log) -> None:
    before = len(asked.commands)
    asked.say(answer(3))
    assert len(asked.commands) == before


@pytest.mark.parametrize("length", [8 * DAY, 60 * DAY])
def test_an_answer_after_the_expiry_does_not_count(asked: Log, length: int) -> None:
    asked.wait(length)
    (late,) = asked.say(answer(5))
    assert isinstance(late, AnswerNotCounted)
    assert late.reason == "expired"


def test_an_answer_to_a_survey_nobody_knows_does_not_count(log: Log) -> None:
    (stray,) = log.say(answer(5))
    assert isinstance(stray, AnswerNotCounted)


def test_an_answer_after_a_reopening_is_kept_but_not_counted(asked: Log) -> None:
    asked.say(StatusChanged(ticket="t1", former=Status.RESOLVED, status=Status.OPEN, cause="customer_replied"))
    (late,) = asked.say(answer(1))
    assert isinstance(late, AnswerNotCounted)
    assert late.reason == "cancelled"


def test_a_refused_invitation_is_a_skipped_survey_and_the_customer_was_not_asked(log: Log) -> None:
    log.resolve()
    log.wait(HOUR)
    (skipped,) = log.settle(log.commands[0][0], "refused", "no_consent")
    assert isinstance(skipped, SurveySkipped)
    assert skipped.reason == "no_consent"
    log.open("t2")
    log.resolve("t2")
    assert any(isinstance(fact, SurveyInvited) for fact in log.wait(DAY)), "c1 was never asked"


def test_a_customer_whose_ticket_was_reopened_before_the_invitation_went_out_was_not_asked(log: Log) -> None:
    log.resolve()
    reopened = StatusChanged(ticket="t1", former=Status.RESOLVED, status=Status.OPEN, cause="customer_replied")
    assert [type(fact) for fact in log.say(reopened, 2 * HOUR)] == [SurveyInvited, SurveyCancelled], "it was down"
    assert log.settle(log.commands[0][0], "refused", "not_resolved") == []
    log.resolve(resolution=2)
    assert [type(fact) for fact in log.wait(HOUR)] == [SurveyInvited]


def test_an_invitation_that_never_arrives_is_a_skipped_survey(asked: Log) -> None:
    report = DeliveryReported(message="m1", delivery="d1", ticket="t1", outcome="failed", permanent=True)
    (skipped,) = asked.say(report)
    assert isinstance(skipped, SurveySkipped)
    assert skipped.reason == "undeliverable"


def test_a_refused_reminder_does_not_undo_the_invitation(asked: Log) -> None:
    asked.wait(3 * DAY)
    assert asked.settle(asked.commands[-1][0], "refused", "no_consent") == []
    assert isinstance(asked.say(answer(5))[0], SurveyAnswered)


def test_the_invitation_on_its_way_is_a_fact(asked: Log) -> None:
    assert asked.one(SurveySent).message == "m1"  # type: ignore[attr-defined]  # its type was judged above


@pytest.mark.parametrize("end", [SpamMarked(ticket="t1", spam=True), TicketMerged(ticket="t1", into="t9", since=NOON)])
def test_spam_and_merged_tickets_ask_nobody(log: Log, end: SpamMarked | TicketMerged) -> None:
    log.resolve()
    (cancelled,) = log.say(end)
    assert isinstance(cancelled, SurveyCancelled)
    assert log.resolve(resolution=2) == []


def close(log: Log, ticket: str) -> None:
    log.say(StatusChanged(ticket=ticket, former=Status.RESOLVED, status=Status.CLOSED, cause="closed"))


def test_merged_tickets_are_forgotten_with_the_last_host(log: Log) -> None:
    log.open("t2")
    log.open("t3")
    log.say(TicketMerged(ticket="t1", into="t2", since=NOON))
    log.say(TicketMerged(ticket="t2", into="t3", since=NOON))
    close(log, "t3")
    assert len(log.decider.states[DESK_ID].tickets) == 0


def test_an_unmerged_ticket_outlives_its_former_host(log: Log) -> None:
    log.open("t2")
    log.say(TicketMerged(ticket="t1", into="t2", since=NOON))
    log.say(TicketUnmerged(ticket="t1", former_into="t2"))
    close(log, "t2")
    assert [type(fact) for fact in log.resolve()] == [SurveyScheduled]


def test_many_due_at_once_are_asked_in_slices(log: Log) -> None:
    for number in range(120):
        log.open(f"u{number}", f"d{number}")
        log.resolve(f"u{number}")
    log.at += HOUR
    first = log.say(TimeReached(desk=DESK_ID, due=log.at))
    assert len(first) == 50, "fifty facts with a command each are the hundred a record may yield"
    assert sum(isinstance(fact, SurveyInvited) for fact in first + log.wait(0)) == 120


def test_a_checkpoint_and_the_tail_say_the_same_as_the_whole_log(asked: Log) -> None:
    asked.open("t2", "c2")
    asked.resolve("t2")
    asked.say(CustomersMerged(customer="c2", into="c1"))
    cut = len(asked.records)
    saved = dict(asked.decider.save())
    asked.wait(3 * DAY)
    asked.say(answer(1))
    restored: Decider[Surveys] = Decider(LOGIC, 0)
    restored.load({name: content for name, content in saved.items() if content is not None})
    whole: Decider[Surveys] = Decider(LOGIC, 0)
    outputs = [whole.apply(record) for record in asked.records]
    assert [restored.apply(record) for record in asked.records[cut:]] == outputs[cut:]
    assert restored.states[DESK_ID].rest() == whole.states[DESK_ID].rest()
