"""Surveys' questions go out through the conversation, and their answers come in as commands (R1)."""

from services.router.desk.desk import Desk
from services.router.rules.access import allow
from services.router.rules.rejected import Rejected, Rule
from services.router.rules.sending import invite, question, silence
from services.router.rules.update_checks import latest_conversation
from shared.catalogue.commands import AnswerSurvey, InviteToSurvey
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import SurveyAnswerReceived
from shared.clock import Ms
from shared.ids import invitation_id
from shared.policy.terms import Status


def invite_to_survey(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Ask, if this resolution still stands and its customer may be asked; else refused with the reason.

    A closed ticket is still asked about: its reopen window may be shorter than the survey's delay.
    """
    command: InviteToSurvey = envelope.body
    allow(desk, command.by, "survey.invite")
    row = desk.tickets.get(command.ticket)
    if row is None or desk.policy is None:
        raise Rejected("ticket_not_live")
    text = question(desk.policy, reminder=command.reminder)
    reasons = (
        (row.merged_into is not None, "ticket_merged"),
        (row.spam, "spam"),
        (row.status not in {Status.RESOLVED, Status.CLOSED}, "not_resolved"),
        (row.resolution != command.resolution, "other_resolution"),
        (not row.conversations, "no_conversation"),
        (not (text.enabled and text.body), "text_disabled"),
    )
    for applies, reason in reasons:
        if applies:
            raise Rejected(reason)
    conversation = latest_conversation(desk, row)
    reason_against = silence(desk, desk.conversations[conversation], desk.policy.surveys.csat.purpose)
    if reason_against is not None:
        raise Rejected(reason_against)
    yield from invite(desk, desk.policy, envelope.id, command, conversation)
    return {"message": invitation_id(envelope.id)}


def answer_survey(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """An answer is on record; survey says whether it counts."""
    command: AnswerSurvey = envelope.body
    allow(desk, command.by, "survey.answer")
    yield SurveyAnswerReceived(
        survey=command.survey, ticket=command.ticket, resolution=command.resolution, kind=command.kind,
        score=command.score, language=command.language, wording=command.wording, comment=bool(command.comment),
        command=envelope.id,
    )  # fmt: skip
    return {}
