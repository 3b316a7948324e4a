"""What survey says (topic `sanad.surveys`)."""

from shared.catalogue.facts.fact import Fact
from shared.catalogue.values import Id, SurveyKind
from shared.clock import Ms


class SurveyFact(Fact):
    """What all of them have: one survey of one resolution of a ticket."""

    survey: Id
    ticket: Id
    resolution: int
    kind: SurveyKind


class SurveyScheduled(SurveyFact):
    """The question will be asked at `send_at`. The owner is frozen here."""

    TYPE = "sanad.survey.scheduled.v1"
    SUBJECT = ("survey", "survey")

    customer: Id
    owner: Id | None
    team: Id
    channel: str
    send_at: Ms


class SurveyInvited(SurveyFact):
    """The invitation was asked for; router sends it into the conversation."""

    TYPE = "sanad.survey.invited.v1"
    SUBJECT = ("survey", "survey")

    command: Id
    reminder: bool = False
    expires_at: Ms


class SurveySent(SurveyFact):
    """The invitation is in the conversation and handed to delivery."""

    TYPE = "sanad.survey.sent.v1"
    SUBJECT = ("survey", "survey")

    message: Id
    reminder: bool = False


class SurveySkipped(SurveyFact):
    """The customer is not asked, for this reason."""

    TYPE = "sanad.survey.skipped.v1"
    SUBJECT = ("survey", "survey")

    reason: str


class SurveyCancelled(SurveyFact):
    """The question is no longer wanted (the ticket was reopened, merged or marked as spam)."""

    TYPE = "sanad.survey.cancelled.v1"
    SUBJECT = ("survey", "survey")

    cause: str


class SurveyExpired(SurveyFact):
    """No answer came in time."""

    TYPE = "sanad.survey.expired.v1"
    SUBJECT = ("survey", "survey")


class SurveyAnswered(SurveyFact):
    """The one counted answer, with the owner frozen when asked and the wording that was shown."""

    TYPE = "sanad.survey.answered.v1"
    SUBJECT = ("survey", "survey")

    customer: Id
    owner: Id | None
    team: Id
    score: int
    low: bool
    comment: bool
    language: str
    wording: str


class AnswerNotCounted(SurveyFact):
    """An answer that changes nothing: too late, or one was counted already."""

    TYPE = "sanad.survey.answer_not_counted.v1"
    SUBJECT = ("survey", "survey")

    reason: str
    score: int
