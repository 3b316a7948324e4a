"""What happened to the desk, its customers, and the answers they gave."""

from typing import Literal

from shared.catalogue.facts.fact import Fact
from shared.catalogue.values import Id, SurveyKind
from shared.clock import Ms
from shared.policy.policy import Policy


class PolicyApplied(Fact):
    """This policy is in force from here on. The only place any service learns a policy from."""

    TYPE = "sanad.policy.applied.v1"
    SUBJECT = ("desk", "desk")

    desk: Id
    version: int
    policy: Policy


class RulesSwitched(Fact):
    """New rules are in force, or no longer."""

    TYPE = "sanad.desk.rules_switched.v1"
    SUBJECT = ("desk", "desk")

    desk: Id
    rules: str
    on: bool


class TimeReached(Fact):
    """The desk's time is at least this fact's time: whoever waits for `due` may act."""

    TYPE = "sanad.desk.time_reached.v1"
    SUBJECT = ("desk", "desk")

    desk: Id
    due: Ms


class CommandSettled(Fact):
    """The one outcome of a command. `reason` names the refusal; `made` what was created, by kind."""

    TYPE = "sanad.command.settled.v1"
    SUBJECT = ("desk", "desk")

    desk: Id
    command: Id
    command_type: str
    by: Id
    outcome: Literal["done", "refused", "internal"]
    reason: str | None = None
    made: dict[str, str] = {}


class CustomerRegistered(Fact):
    """A person we had not met."""

    TYPE = "sanad.customer.registered.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    contact: Id
    language: str | None = None


class CustomerChanged(Fact):
    """Tier, account or language, as they are from now on."""

    TYPE = "sanad.customer.changed.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    tier: str | None = None
    account: Id | None = None
    language: str | None = None


class CustomersMerged(Fact):
    """Two records are one person: `customer` lives on in `into`."""

    TYPE = "sanad.customer.merged.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    into: Id


class ContactPointLinked(Fact):
    """An address or number belongs to the customer."""

    TYPE = "sanad.contact_point.linked.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    contact: Id


class ContactPointUnlinked(Fact):
    """An address or number no longer belongs to the customer."""

    TYPE = "sanad.contact_point.unlinked.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    contact: Id


class ContactPointBlocked(Fact):
    """Messages of this sender are set aside, or no longer."""

    TYPE = "sanad.contact_point.blocked.v1"
    SUBJECT = ("contact", "contact")

    contact: Id
    blocked: bool


class ContactPointUnreachable(Fact):
    """Mail to this address came back for good, as `code` says, or its customer was heard from it or reached again.

    Written only while the rules `dead_addresses` are in force: a reader that does not know it stops here.
    """

    TYPE = "sanad.contact_point.unreachable.v1"
    SUBJECT = ("contact", "contact")

    contact: Id
    unreachable: bool
    code: str = ""


class SurveyAnswerReceived(Fact):
    """An answer came in through the signed page; whether it counts is survey's to say."""

    TYPE = "sanad.survey.answer_received.v1"
    SUBJECT = ("survey", "survey")

    survey: Id
    ticket: Id
    resolution: int
    kind: SurveyKind
    score: int
    language: str
    wording: str
    comment: bool
    command: Id
