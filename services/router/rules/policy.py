"""The desk's own rules: the policy in force, and switches."""

from services.router.desk.desk import Desk
from services.router.rules.access import allow
from services.router.rules.rejected import Rejected, Rule
from services.router.rules.words import check_words
from shared.catalogue.commands import ApplyPolicy, SwitchRules, Tick
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import PolicyApplied, RulesSwitched, TimeReached
from shared.clock import Ms
from shared.policy.policy import Policy
from shared.policy.terms import Status


def apply_policy(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Put it in force under the next version; the same policy again stays the version it is."""
    command: ApplyPolicy = envelope.body
    allow(desk, command.by, "policy.apply")
    _check_teams(desk, command.policy)
    if desk.policy is None or desk.policy.content != command.policy.content:
        version = desk.policy_version + 1
        yield PolicyApplied(desk=desk.id, version=version, policy=command.policy.at_version(version))
    return {"version": str(desk.policy_version)}


def _check_teams(desk: Desk, policy: Policy) -> None:
    """A team goes when it has neither people nor work any more: nobody could be found for what waits there."""
    gone = {team for team in (desk.policy.teams if desk.policy else ()) if team not in policy.teams}
    if not gone:
        return
    people = any(gone.intersection(row.teams) for row in desk.agents.values())
    tickets = desk.tickets.select("team", "status")
    if (
        people
        or any(team in gone and status is not Status.CLOSED for _, team, status in tickets)
        or any(row.team in gone for row in desk.tasks.values())
    ):
        raise Rejected("team_in_use")


def switch_rules(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Turn a named set of rules on or off."""
    command: SwitchRules = envelope.body
    allow(desk, command.by, "rules.switch")
    check_words([command.rules])
    if desk.in_force(command.rules) != command.on:
        yield RulesSwitched(desk=desk.id, rules=command.rules, on=command.on)
    return {}


def tick(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """The desk's time is known to be this late: whoever folds facts may act on it."""
    command: Tick = envelope.body
    yield TimeReached(desk=desk.id, due=command.due)
    return {}
