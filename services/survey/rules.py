"""Why and when a customer is asked, and which answers count. Pure: time comes in, facts go out."""

from collections.abc import Iterator
from typing import Any

from services.survey.surveys import OVER, Survey, Surveys, forget, invitation_command, survey_id, unask
from shared.catalogue.commands import InviteToSurvey, OpenTask
from shared.catalogue.facts import (
    AnswerNotCounted,
    StatusChanged,
    SurveyAnswered,
    SurveyAnswerReceived,
    SurveyCancelled,
    SurveyExpired,
    SurveyInvited,
    SurveyScheduled,
    SurveySent,
    SurveySkipped,
)  # fmt: skip
from shared.catalogue.values import Principal, SurveyKind
from shared.clock import DAY, Ms
from shared.emissions import Ask, Emission
from shared.ids import named_id

KIND: SurveyKind = "csat"
ASKED_CAUSES = frozenset({"solved", "resolved"})
"""A ticket closed because the customer fell silent, a duplicate, or spam asks nobody how it went."""
AT_ONCE = 100
"""Facts per input at most (R10); what is left is due on the next tick."""


def run_due(desk: Surveys, at: Ms) -> Iterator[Emission]:
    """Everything whose moment has come, oldest first."""
    for _ in range(AT_ONCE // 2):
        key = desk.due(at)
        if key is None:
            return
        yield from _act(desk, key, desk.surveys[key], at)


def _act(desk: Surveys, key: str, survey: Survey, at: Ms) -> Iterator[Emission]:
    if survey.stage in OVER:
        forget(desk, key)
    elif survey.stage != "scheduled" and at >= survey.expires_at:
        yield SurveyExpired(**_names(key, survey))
    elif not _wanted(desk, survey):
        yield from _ask_no_more(desk, key, survey)
    elif (later := _next_allowed(desk, at)) > at:
        desk.schedule(key, later if survey.stage == "scheduled" else min(later, survey.expires_at))
    elif survey.stage == "scheduled":
        yield from _invite_or_skip(desk, key, survey, at)
    else:
        yield from _invite(desk, key, survey, at, reminder=True)


def schedule(desk: Surveys, fact: StatusChanged, at: Ms) -> Iterator[Emission]:
    """A resolution asks its one question later, outside the quiet hours."""
    ticket, csat = desk.tickets.get(fact.ticket), desk.in_force.surveys.csat
    if ticket is None or ticket.muted or not csat.enabled or fact.cause not in ASKED_CAUSES:
        return
    key = survey_id(fact.ticket, fact.resolution, KIND)
    yield SurveyScheduled(
        survey=key, ticket=fact.ticket, resolution=fact.resolution, kind=KIND,
        customer=desk.person(ticket.customer), owner=fact.owner, team=ticket.team, channel=ticket.channel,
        send_at=_next_allowed(desk, at + csat.delay),
    )  # fmt: skip


def _next_allowed(desk: Surveys, at: Ms) -> Ms:
    """When anybody may be written to from `at` on."""
    policy = desk.in_force
    quiet = policy.surveys.csat.quiet
    return quiet.next_allowed(at, policy.zones[policy.desk.zone]) if quiet else at


def _wanted(desk: Surveys, survey: Survey) -> bool:
    """Whether the policy in force still asks, or reminds who was asked before."""
    csat = desk.in_force.surveys.csat
    return csat.enabled and (survey.stage == "scheduled" or csat.reminder_after is not None)


def _ask_no_more(desk: Surveys, key: str, survey: Survey) -> Iterator[Emission]:
    """Who was asked before may still answer."""
    if survey.stage == "scheduled":
        yield SurveySkipped(**_names(key, survey), reason="disabled")
    else:
        desk.schedule(key, survey.expires_at)


def _invite_or_skip(desk: Surveys, key: str, survey: Survey, at: Ms) -> Iterator[Emission]:
    asked = desk.asked.get(desk.person(survey.customer))
    if asked is not None and at - asked.at < desk.in_force.surveys.csat.once_per:
        yield SurveySkipped(**_names(key, survey), reason="asked_recently")
    else:
        yield from _invite(desk, key, survey, at, reminder=False)


def _invite(desk: Surveys, key: str, survey: Survey, at: Ms, *, reminder: bool) -> Iterator[Emission]:
    command = invitation_command(key, reminder=reminder)
    expires_at = survey.expires_at if reminder else at + desk.in_force.surveys.csat.expires_after
    yield SurveyInvited(**_names(key, survey), command=command, reminder=reminder, expires_at=expires_at)
    invite = InviteToSurvey(
        by=_self(desk), survey=key, kind=KIND, ticket=survey.ticket, resolution=survey.resolution,
        customer=desk.person(survey.customer), language=survey.language, reminder=reminder,
    )  # fmt: skip
    yield Ask(invite, "invite", command)


def cancel(desk: Surveys, ticket: str, cause: str) -> Iterator[Emission]:
    """The question about this ticket is no longer wanted, unless it was answered."""
    row = desk.tickets.get(ticket)
    key = row.survey if row else None
    survey = desk.surveys.get(key)
    if key is not None and survey is not None and survey.stage not in OVER:
        yield SurveyCancelled(**_names(key, survey), cause=cause)


def confirm(desk: Surveys, key: str, message: str, *, reminder: bool) -> Iterator[Emission]:
    """The invitation is on its way."""
    survey = desk.surveys.get(key)
    if survey is not None and survey.stage not in OVER:
        yield SurveySent(**_names(key, survey), message=message, reminder=reminder)


def refuse(desk: Surveys, key: str, reason: str) -> Iterator[Emission]:
    """The desk did not send the invitation (no consent, no window), or it never arrived. A reminder's fate changes nothing."""
    survey = desk.surveys.get(key)
    if survey is not None and survey.stage in {"invited", "sent"}:
        yield SurveySkipped(**_names(key, survey), reason=reason)
    elif survey is not None and survey.stage == "cancelled":
        unask(desk, survey)


def count(desk: Surveys, fact: SurveyAnswerReceived, at: Ms) -> Iterator[Emission]:
    """The first answer in time counts; a low one becomes a task for the lead."""
    survey = desk.surveys.get(fact.survey)
    reason = _why_not(survey, at)
    if survey is None or reason is not None:
        yield AnswerNotCounted(
            survey=fact.survey, ticket=fact.ticket, resolution=fact.resolution, kind=fact.kind,
            reason=reason or "unknown", score=fact.score,
        )  # fmt: skip
        return
    low = fact.score <= desk.in_force.surveys.csat.low_score
    yield SurveyAnswered(
        **_names(fact.survey, survey), customer=desk.person(survey.customer), owner=survey.owner, team=survey.team,
        score=fact.score, low=low, comment=fact.comment, language=fact.language, wording=fact.wording,
    )  # fmt: skip
    if low:
        task = OpenTask(
            by=_self(desk), task=named_id(fact.survey, "low_score"), purpose="low_score", due_at=at + DAY,
            ticket=survey.ticket, team=survey.team,
        )  # fmt: skip
        yield Ask(task, "low_score")


def _why_not(survey: Survey | None, at: Ms) -> str | None:
    if survey is None:
        return "expired"
    if survey.stage in OVER or survey.stage == "scheduled":
        return survey.stage
    return "expired" if at > survey.expires_at else None


def _names(key: str, survey: Survey) -> dict[str, Any]:
    return {"survey": key, "ticket": survey.ticket, "resolution": survey.resolution, "kind": survey.kind}


def _self(desk: Surveys) -> Principal:
    return Principal(organisation=desk.organisation, desk=desk.desk, id="survey", role="system")
