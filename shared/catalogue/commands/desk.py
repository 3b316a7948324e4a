"""What is asked of the desk itself, and of its surveys."""

from typing import Annotated

from pydantic import Field

from shared.catalogue.commands.command import Command
from shared.catalogue.commands.tickets import Text
from shared.catalogue.values import Id, Language, SurveyKind
from shared.clock import Ms
from shared.policy.policy import Policy


class ApplyPolicy(Command):
    """Put a reviewed and compiled policy in force."""

    TYPE = "sanad.policy.apply.v1"
    SUBJECT = ("desk", "desk")

    desk: Id
    policy: Policy


class Tick(Command):
    """A timer of this desk was due at `due`; appended by whoever owns the partition, never de-duplicated."""

    TYPE = "sanad.desk.tick.v1"
    SUBJECT = ("desk", "desk")

    desk: Id
    due: Ms


class SwitchRules(Command):
    """New rules take effect from here on, once every reader knows them (readers first)."""

    TYPE = "sanad.desk.switch_rules.v1"
    SUBJECT = ("desk", "desk")

    desk: Id
    rules: str
    on: bool


class InviteToSurvey(Command):
    """Send a survey's question into the conversation. Sent by survey, with a deterministic id."""

    TYPE = "sanad.survey.invite.v1"
    SUBJECT = ("survey", "survey")

    survey: Id
    kind: SurveyKind
    ticket: Id
    resolution: int
    customer: Id
    language: Language
    reminder: bool = False


class AnswerSurvey(Command):
    """A customer's answer from the signed page."""

    TYPE = "sanad.survey.answer.v1"
    SUBJECT = ("survey", "survey")

    survey: Id
    ticket: Id
    resolution: int
    kind: SurveyKind
    score: Annotated[int, Field(ge=0, le=10)]
    comment: Text = ""
    language: Language
    wording: str = ""
