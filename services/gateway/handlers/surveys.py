"""Surveys: one document each, from the plan to the counted answer."""

from typing import Any

from services.gateway.handlers.projection import Line, Rows
from services.gateway.store import SURVEYS
from shared.catalogue.facts import (
    AnswerNotCounted,
    SurveyAnswered,
    SurveyCancelled,
    SurveyExpired,
    SurveyFact,
    SurveyInvited,
    SurveyScheduled,
    SurveySent,
    SurveySkipped,
)
from shared.clock import Ms


def scheduled(line: Line, fact: SurveyScheduled, at: Ms) -> None:
    _show(line, fact, state="scheduled", **fact.model_dump(mode="json", exclude={"survey"}))


def invited(line: Line, fact: SurveyInvited, at: Ms) -> None:
    _show(line, fact, state="invited", expires_at=fact.expires_at, reminded=fact.reminder)


def sent(line: Line, fact: SurveySent, at: Ms) -> None:
    _show(line, fact, state="sent", sent_at=at)


def skipped(line: Line, fact: SurveySkipped, at: Ms) -> None:
    _show(line, fact, state="skipped", reason=fact.reason)


def cancelled(line: Line, fact: SurveyCancelled, at: Ms) -> None:
    _show(line, fact, state="cancelled", reason=fact.cause)


def expired(line: Line, fact: SurveyExpired, at: Ms) -> None:
    _show(line, fact, state="expired")


def answered(line: Line, fact: SurveyAnswered, at: Ms) -> None:
    _show(line, fact, state="answered", answered_at=at, **fact.model_dump(mode="json", exclude={"survey"}))


def not_counted(line: Line, fact: AnswerNotCounted, at: Ms) -> None:
    _show(line, fact, uncounted_reason=fact.reason)


def _show(line: Line, fact: SurveyFact, **fields: Any) -> None:
    known = {"ticket": fact.ticket, "resolution": fact.resolution, "kind": fact.kind}
    line.sheet.patch(SURVEYS.name, fact.survey, **{**known, **fields})


ROWS: Rows = {
    SurveyScheduled: scheduled,
    SurveyInvited: invited,
    SurveySent: sent,
    SurveySkipped: skipped,
    SurveyCancelled: cancelled,
    SurveyExpired: expired,
    SurveyAnswered: answered,
    AnswerNotCounted: not_counted,
}
