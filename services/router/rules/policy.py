"""The desk's own rules: the policy in force, and switches."""

from services.router.desk.desk import Desk
from services.router.rules.access import allow
from services.router.rules.rejected import Rule
from shared.catalogue.commands import ApplyPolicy, SwitchRules, Tick
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import PolicyApplied, RulesSwitched, TimeReached
from shared.clock import Ms


def apply_policy(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Put it in force under the next version; the same policy again stays the version it is."""
    command: ApplyPolicy = envelope.body
    allow(desk, command.by, "policy.apply")
    if desk.policy is None or desk.policy.content != command.policy.content:
        version = desk.policy_version + 1
        yield PolicyApplied(desk=desk.id, version=version, policy=command.policy.at_version(version))
    return {"version": str(desk.policy_version)}


def switch_rules(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Turn a named set of rules on or off."""
    command: SwitchRules = envelope.body
    allow(desk, command.by, "rules.switch")
    if desk.switches.get(command.rules, False) != command.on:
        yield RulesSwitched(desk=desk.id, rules=command.rules, on=command.on)
    return {}


def tick(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """The desk's time is known to be this late: whoever folds facts may act on it."""
    command: Tick = envelope.body
    yield TimeReached(desk=desk.id, due=command.due)
    return {}
