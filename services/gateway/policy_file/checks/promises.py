"""SLA policies: names exist, warnings come before their deadline, alarms concern targets that are promised."""

from collections.abc import Iterator

from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault, Steps
from shared.policy.sla import EarlyWarning, Escalation, SlaPolicy

WHEN = {
    "team": "teams", "category": "categories", "tier": "tiers", "account": "accounts", "brand": "brands",
    "language": "languages",
}  # fmt: skip


def check_promises(file: PolicyFile, names: Names) -> Iterator[Fault]:
    for place, policy in enumerate(file.sla):
        steps: Steps = ("sla", place)
        for field, kind in WHEN.items():
            yield from names.check_all(kind, getattr(policy.when, field), (*steps, "when", field))
        for number, escalation in enumerate(policy.escalations):
            yield from names.check("teams", escalation.team, (*steps, "escalations", number, "team"))
            if not names.faulty(*steps) and not (
                escalation.notify or escalation.raise_tier or escalation.raise_priority or escalation.team
            ):
                wrong, fix = "this escalation does nothing", "give it notify, raise_tier, raise_priority or team"
                yield Fault((*steps, "escalations", number), wrong, fix)
        yield from _check_targets(policy, steps)
        yield from _check_warnings(policy, steps)


def _check_targets(policy: SlaPolicy, steps: Steps) -> Iterator[Fault]:
    alarms_by_field: dict[str, tuple[EarlyWarning | Escalation, ...]] = {
        "warnings": policy.warnings,
        "escalations": policy.escalations,
    }
    for field, alarms in alarms_by_field.items():
        for number, alarm in enumerate(alarms):
            for position, target in enumerate(alarm.targets):
                if target not in policy.targets:
                    wrong = f"this policy promises no {target}"
                    yield Fault(
                        (*steps, field, number, "targets", position), wrong, "add the target, or remove it here"
                    )


def _check_warnings(policy: SlaPolicy, steps: Steps) -> Iterator[Fault]:
    for number, warning in enumerate(policy.warnings):
        for kind, target in policy.targets.items():
            if warning.before and warning.concerns(kind) and warning.before >= target.within:
                wrong = f"this warning would come at once: {kind} has no more time than that"
                fix = "shorten it, use share, or name its targets"
                yield Fault((*steps, "warnings", number, "before"), wrong, fix)
                break
