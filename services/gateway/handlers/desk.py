"""The desk itself: its policy, its rules, what became of commands."""

from typing import Any

import orjson

from services.gateway.handlers.projection import Line, Rows
from services.gateway.store import DESK, SETTLED
from shared.catalogue.commands import ReceiveMessage, ReportDelivery, Tick
from shared.catalogue.facts import CommandSettled, PolicyApplied, RulesSwitched, SurveyAnswerReceived, TimeReached
from shared.clock import Ms

NOBODY_ASKS = frozenset({ReceiveMessage.TYPE, ReportDelivery.TYPE, Tick.TYPE})
"""Their outcome is a fact too, but nobody waits for it: no document each."""


def policy_applied(line: Line, fact: PolicyApplied, at: Ms) -> None:
    line.holdings.capacity = fact.policy.capacity
    policy = orjson.loads(line.raw)["policy"]
    line.sheet.write(DESK.name, "policy", version=fact.version, applied_at=at, policy=policy)
    desk = fact.policy.desk
    # apart, because lists want these few and not the whole policy
    line.sheet.write(DESK.name, "desk", version=fact.version, prefix=desk.prefix, language=desk.language)


def rules_switched(line: Line, fact: RulesSwitched, at: Ms) -> None:
    line.sheet.patch(DESK.name, "rules", **{fact.rules: fact.on})


def command_settled(line: Line, fact: CommandSettled, at: Ms) -> None:
    line.sheet.by = fact.by
    if fact.command_type not in NOBODY_ASKS:
        outcome = fact.model_dump(mode="json", include={"command_type", "by", "outcome", "reason", "made"})
        line.sheet.write(SETTLED.name, fact.command, at=at, **outcome)


def nothing(line: Line, fact: Any, at: Ms) -> None:
    """Shown in a history or not at all."""


ROWS: Rows = {
    PolicyApplied: policy_applied,
    RulesSwitched: rules_switched,
    CommandSettled: command_settled,
    TimeReached: nothing,
    SurveyAnswerReceived: nothing,
}
