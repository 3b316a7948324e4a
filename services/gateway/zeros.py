"""The figures of this service before anything happened, at zero: whoever computes rates misses the step from nothing to
one, and a board without lines tells nobody whether all is quiet or nothing is measured."""

from collections.abc import Iterable
from typing import get_args

from services.gateway.console.words import ASIDE, REFUSAL
from shared.catalogue.commands import COMMANDS
from shared.catalogue.facts import CommandSettled, DeliveryReported, Fact, TicketOpened, WorkAssigned
from shared.catalogue.values import SurveyKind, TargetName
from shared.metrics import Metrics

VERDICTS = ("met", "breached", "cancelled")
SURVEYED = ("scheduled", "sent", "reminded", "skipped", "cancelled", "expired", "answered")
ASKED = "csat"
"""The one kind of survey that is asked by now; its scores are 1 to 5."""
SCORES = tuple(map(str, range(1, 6)))
OPENED = "opened"
USUAL_ENDS = ("solved", "asked", "silent")

REFUSALS = (
    *REFUSAL,
    "already_exists",
    "belongs_to_another",
    "no_such_role",
    "not_linked",
    "same_customer",
    "shift_ends_before_it_starts",
    "unknown_tier",
    "until_without_hold",
)
"""Those that pages have words for, and those that only programs meet."""


def begin(metrics: Metrics) -> None:
    """What does not depend on a desk's policy."""
    desk, promises, targets = metrics.desk, metrics.promises, get_args(TargetName)
    desk.reported.begin(_words(DeliveryReported, "outcome"))
    desk.resolved.begin(USUAL_ENDS)
    for family in (desk.assigned, desk.waited):
        family.begin(_words(WorkAssigned, "how"))
    desk.settled.begin((command.TYPE for command in COMMANDS), _words(CommandSettled, "outcome"))
    desk.rejected.begin(REFUSALS)
    promises.settled.begin(targets, VERDICTS)
    for family in (promises.warned, promises.detected):
        family.begin(targets)
    promises.surveys.begin(get_args(SurveyKind), SURVEYED)
    promises.answers.begin((ASKED,), SCORES)


def begin_desk(metrics: Metrics, channels: Iterable[str], teams: Iterable[str]) -> None:
    """What a desk with these channels and teams can have."""
    desk, served = metrics.desk, sorted(set(channels))
    for family in (desk.accepted, desk.readable):
        family.begin(served)
    desk.set_aside.begin(served, ASIDE)
    desk.opened.begin(served, _words(TicketOpened, "cause"))
    desk.routed.begin(teams, (OPENED,))


def _words(fact: type[Fact], field: str) -> tuple[str, ...]:
    """All that the field of this fact may say."""
    return get_args(fact.model_fields[field].annotation)
