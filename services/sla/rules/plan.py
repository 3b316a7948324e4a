"""What a policy promises to a ticket: worked out once for all tickets alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from services.sla.business_hours import BusinessHours
from services.sla.store.ticket import PROMISE, Profile
from shared.clock import Ms
from shared.policy.policy import Policy
from shared.policy.sla import EarlyWarning, Escalation, SlaPolicy, Target
from shared.policy.traits import Traits

TRAITS = ("account", "channel", "brand", "language", "tier", "category", "type", "priority", "team")


@dataclass(frozen=True, slots=True)
class Terms:
    """One target's terms. `budget` is None for an agent's promise, which brings its own due time; `hours` None is
    wall time; warnings keep their place in the policy."""

    policy: str
    version: int
    budget: Ms | None
    at_latest: Ms | None
    calendar: str | None
    hours: BusinessHours | None
    pause_on_hold: bool
    warnings: tuple[tuple[int, EarlyWarning], ...]
    escalations: tuple[tuple[int, Escalation], ...]

    def differ(self, former: "Terms") -> bool:
        """Whether a customer could tell them apart, deadlines aside."""
        return (self.policy, self.budget, self.calendar) != (former.policy, former.budget, former.calendar)


Plan = Mapping[str, Terms]
"""Terms by target; a target that is not promised is absent."""
NOTHING: Plan = {}


def trait(profile: Profile, name: str) -> str:
    """One of the ticket's traits."""
    return profile[TRAITS.index(name)]


def with_trait(profile: Profile, **changed: str) -> Profile:
    """The same ticket with other traits."""
    return tuple(changed.get(name, value) for name, value in zip(TRAITS, profile, strict=True))


Item = TypeVar("Item", EarlyWarning, Escalation)


def concerning(items: tuple[Item, ...], target: str) -> tuple[tuple[int, Item], ...]:
    """Those that concern the target, each with its place in the policy; one that names no target concerns all."""
    return tuple((place, item) for place, item in enumerate(items) if not item.targets or target in item.targets)


def promise_alike(former: Policy, policy: Policy) -> bool:
    """Whether no clock can tell the two apart: same terms, same calendars, same choice between them."""

    def heard(policy: Policy) -> tuple[object, ...]:
        holders = (policy.teams, policy.brands, policy.accounts)
        choices = [{name: holder.calendar for name, holder in named.items()} for named in holders]
        return policy.sla, policy.calendars, policy.zones, policy.desk.calendar, policy.desk.customer_tier, choices

    return heard(former) == heard(policy)


class Promises:
    """What one policy promises, by profile."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._hours: dict[str, BusinessHours] = {}
        self._plans: dict[Profile, Plan] = {}

    def to(self, profile: Profile) -> Plan:
        """The plan of tickets with this profile. Memory: one small plan per combination in use."""
        plan = self._plans.get(profile)
        if plan is None:
            plan = self._plans[profile] = self._work_out(profile)
        return plan

    def _work_out(self, profile: Profile) -> Plan:
        # a customer of whom nothing is known has the desk's own tier
        account, channel, brand, language, tier, category, kind, priority, team = profile
        traits = Traits(
            account=account, channel=channel, brand=brand, language=language, type=kind, priority=priority, team=team,
            tier=tier or self.policy.desk.customer_tier, category=category,
        )  # fmt: skip
        sla = self.policy.sla_for(traits)
        calendar = self.policy.calendar_for(traits.team, traits.brand, traits.account).id
        targets = sla.targets if sla else {}
        plan = {name.value: self._terms(sla, name.value, target, calendar) for name, target in targets.items()}
        return {**plan, PROMISE: self._terms(sla, PROMISE, None, calendar)}

    def _terms(self, sla: SlaPolicy | None, name: str, target: Target | None, calendar: str) -> Terms:
        business = target is not None and target.time == "business"
        return Terms(
            policy=sla.id if sla else "",
            version=self.policy.version,
            budget=target.within if target else None,
            at_latest=target.at_latest if target else None,
            calendar=calendar if business else None,
            hours=self.hours(calendar) if business else None,
            pause_on_hold=sla is not None and sla.pause_on_hold,
            warnings=concerning(sla.warnings, name) if sla else (),
            escalations=concerning(sla.escalations, name) if sla else (),
        )

    def hours(self, calendar: str) -> BusinessHours:
        """The opening hours of one of the policy's calendars, worked out when first asked for."""
        if calendar not in self._hours:
            self._hours[calendar] = BusinessHours.of(self.policy, self.policy.calendars[calendar])
        return self._hours[calendar]
