"""How survey's own facts change what it remembers."""

from collections.abc import Callable, Mapping
from typing import Any

from services.survey.surveys import Asked, Survey, Surveys, invitation_command, unask
from shared.catalogue.facts import (
    AnswerNotCounted,
    Fact,
    SurveyAnswered,
    SurveyCancelled,
    SurveyExpired,
    SurveyInvited,
    SurveyScheduled,
    SurveySent,
    SurveySkipped,
)  # fmt: skip
from shared.clock import DAY, Ms

REMEMBERED: Ms = 30 * DAY
"""So long after its end a survey still knows its answers; then they are answers to an unknown one."""


def evolve(desk: Surveys, fact: Fact, at: Ms) -> None:
    """Fold one of survey's own facts."""
    EVOLVE[type(fact)](desk, fact, at)


def _scheduled(desk: Surveys, fact: SurveyScheduled, at: Ms) -> None:
    ticket = desk.tickets.change(fact.ticket)
    ticket.survey = fact.survey
    survey = Survey(
        fact.ticket, fact.resolution, fact.kind, fact.customer, fact.owner, fact.team,
        ticket.language or desk.in_force.desk.language, fact.send_at,
    )  # fmt: skip
    desk.surveys.add(fact.survey, survey)
    desk.schedule(fact.survey, fact.send_at)


def _invited(desk: Surveys, fact: SurveyInvited, at: Ms) -> None:
    survey = desk.surveys.change(fact.survey)
    survey.expires_at = fact.expires_at
    if fact.reminder:
        survey.stage = "reminded"
        desk.schedule(fact.survey, fact.expires_at)
        return
    survey.stage, survey.invited_at = "invited", at
    desk.invitations[invitation_command(fact.survey, reminder=False)] = fact.survey
    _remember_asked(desk, desk.person(survey.customer), at)
    reminder = desk.in_force.surveys.csat.reminder_after
    desk.schedule(fact.survey, min(at + reminder, fact.expires_at) if reminder else fact.expires_at)


def _remember_asked(desk: Surveys, customer: str, at: Ms) -> None:
    """Newest last, so the oldest go first when they no longer matter."""
    if customer in desk.asked:
        desk.asked.remove(customer)
    desk.asked.add(customer, Asked(at))
    while desk.asked[oldest := next(iter(desk.asked))].at < at - desk.in_force.surveys.csat.once_per:
        desk.asked.remove(oldest)


def _sent(desk: Surveys, fact: SurveySent, at: Ms) -> None:
    if not fact.reminder:
        survey = desk.surveys.change(fact.survey)
        survey.stage = "sent" if survey.stage == "invited" else survey.stage
        survey.message = fact.message
        desk.invitations[fact.message] = fact.survey


def _skipped(desk: Surveys, fact: SurveySkipped, at: Ms) -> None:
    unask(desk, desk.surveys[fact.survey])
    _end(desk, fact.survey, "skipped", at)


def _cancelled(desk: Surveys, fact: SurveyCancelled, at: Ms) -> None:
    _end(desk, fact.survey, "cancelled", at)


def _expired(desk: Surveys, fact: SurveyExpired, at: Ms) -> None:
    _end(desk, fact.survey, "expired", at)


def _answered(desk: Surveys, fact: SurveyAnswered, at: Ms) -> None:
    _end(desk, fact.survey, "answered", at)


def _end(desk: Surveys, key: str, stage: str, at: Ms) -> None:
    desk.surveys.change(key).stage = stage
    desk.schedule(key, at + REMEMBERED)


def _nothing(desk: Surveys, fact: Fact, at: Ms) -> None:
    """The fact is for others."""


EVOLVE: Mapping[type[Fact], Callable[[Surveys, Any, Ms], None]] = {
    SurveyScheduled: _scheduled,
    SurveyInvited: _invited,
    SurveySent: _sent,
    SurveySkipped: _skipped,
    SurveyCancelled: _cancelled,
    SurveyExpired: _expired,
    SurveyAnswered: _answered,
    AnswerNotCounted: _nothing,
}
