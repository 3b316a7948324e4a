"""A desk that turns its surveys off asks and reminds nobody any more, whatever was planned before."""

import pytest

from shared.catalogue.facts import (
    PolicyApplied,
    SurveyAnswered,
    SurveyAnswerReceived,
    SurveyExpired,
    SurveyInvited,
    SurveySkipped,
)
from shared.clock import DAY, HOUR
from tests.unit.survey.desk_facts import DESK_ID, Log, policy

OFF = ("csat: {delay", "csat: {enabled: false, delay")
NO_REMINDER = ("reminder_after: 2d", "reminder_after: null")


def apply(log: Log, written: str, instead: str) -> None:
    log.say(PolicyApplied(desk=DESK_ID, version=2, policy=policy(written, instead)))


@pytest.fixture
def log() -> Log:
    log = Log()
    log.open()
    log.resolve()
    return log


def test_what_was_planned_before_is_not_asked(log: Log) -> None:
    apply(log, *OFF)
    (skipped,) = log.wait(10 * DAY)
    assert isinstance(skipped, SurveySkipped)
    assert skipped.reason == "disabled"
    assert log.commands == []


def test_a_customer_who_was_not_asked_may_be_asked_when_surveys_are_on_again(log: Log) -> None:
    apply(log, *OFF)
    log.wait(DAY)
    log.say(PolicyApplied(desk=DESK_ID, version=3, policy=policy()))
    log.open("t2")
    log.resolve("t2")
    assert [type(fact) for fact in log.wait(HOUR)] == [SurveyInvited]


@pytest.mark.parametrize("change", [OFF, NO_REMINDER], ids=["no surveys", "no reminders"])
def test_who_was_asked_before_is_not_reminded_any_more(log: Log, change: tuple[str, str]) -> None:
    log.wait(HOUR)
    apply(log, *change)
    assert [type(fact) for fact in log.wait(10 * DAY)] == [SurveyExpired]
    assert len(log.commands) == 1


def test_who_was_asked_before_may_still_answer(log: Log) -> None:
    (invited,) = log.wait(HOUR)
    assert isinstance(invited, SurveyInvited)
    apply(log, *OFF)
    log.wait(3 * DAY)
    answer = SurveyAnswerReceived(
        survey=invited.survey, ticket="t1", resolution=1, kind="csat", score=5, language="ar", wording="w1",
        comment=False, command="a1",
    )  # fmt: skip
    assert [type(fact) for fact in log.say(answer)] == [SurveyAnswered]


def test_without_reminders_what_was_planned_before_is_still_asked_once(log: Log) -> None:
    apply(log, *NO_REMINDER)
    assert [type(fact) for fact in log.wait(10 * DAY)] == [SurveyInvited, SurveyExpired]
