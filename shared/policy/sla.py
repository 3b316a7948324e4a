"""SLA policies: promises, warnings before they break, and what happens when they do."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from shared.clock import Ms
from shared.policy.noun import AS_WRITTEN, Id, Language, Length, Localised, Misfit, Noun, Path, Some, Text
from shared.policy.terms import Channel, Priority, TargetKind, TicketType
from shared.policy.traits import Traits, below_one_of, one_of

MOST_WARNINGS = 63
"""Which of them a clock has given are bits of one number, of which stores keep 63."""
SHARE = re.compile(r"\d{1,3}%")
Recipient = Literal["owner", "lead", "team"]


class SlaConditions(Noun):
    """All given must hold; within one list any value will do. A category includes everything below it."""

    team: Some[Id] = ()
    category: Some[Path] = ()
    type: Some[TicketType] = ()
    priority: Some[Priority] = ()
    tier: Some[Id] = ()
    account: Some[Id] = ()
    channel: Some[Channel] = ()
    brand: Some[Id] = ()
    language: Some[Language] = ()

    @property
    def always(self) -> bool:
        return not any(getattr(self, name) for name in SlaConditions.model_fields)

    def hold(self, traits: Traits) -> bool:
        return below_one_of(self.category, traits.category) and all(
            one_of(getattr(self, name), getattr(traits, name))
            for name in ("team", "type", "priority", "tier", "account", "channel", "brand", "language")
        )


class Target(Noun):
    """A promise: `within` this much business or wall time, and never later than `at_latest` of wall time."""

    within: Length = Field(gt=0)
    time: Literal["business", "wall"] = "business"
    at_latest: Length | None = Field(default=None, gt=0)


def read_share(written: Any) -> Any:
    """Read "75%" as 75."""
    if isinstance(written, str):
        if not SHARE.fullmatch(written):
            raise Misfit("this is no share of the time", 'write a percentage such as "75%"')
        return int(written[:-1])
    return written


class EarlyWarning(Noun):
    """Fires once per cycle, when `share` per cent of the time have gone or `before` of it is left."""

    share: Annotated[int, BeforeValidator(read_share), Field(ge=1, le=99)] | None = None
    before: Length | None = Field(default=None, gt=0)
    targets: Some[TargetKind] = ()
    to: Some[Recipient] = ("owner",)

    @model_validator(mode="after")
    def _one_moment(self) -> "EarlyWarning":
        if (self.share is None) == (self.before is None):
            raise Misfit("a warning needs one moment", 'give either share: "75%" or before: "10m"')
        return self

    def concerns(self, target: TargetKind) -> bool:
        return not self.targets or target in self.targets

    def elapsed(self, budget: Ms) -> Ms:
        """How much of `budget` has gone when this fires; whole milliseconds, rounded down, never below 0."""
        return budget * self.share // 100 if self.share is not None else max(0, budget - (self.before or 0))


def limit_warnings(warnings: tuple[EarlyWarning, ...], info: ValidationInfo) -> tuple[EarlyWarning, ...]:
    """Refuse to write more than can be kept; a compiled policy is read as it is."""
    if info.context == AS_WRITTEN and len(warnings) > MOST_WARNINGS:
        raise Misfit(f"there are more than {MOST_WARNINGS} warnings here", "take some of them out")
    return warnings


class Escalation(Noun):
    """What is done on a warning or a breach. Several may apply; they run in the order written."""

    on: Literal["warning", "breach"] = "breach"
    targets: Some[TargetKind] = ()
    notify: Some[Recipient] = ()
    raise_tier: bool = False
    raise_priority: bool = False
    team: Id | None = None

    def concerns(self, target: TargetKind) -> bool:
        return not self.targets or target in self.targets


class SlaPolicy(Noun):
    """The first policy whose conditions hold applies. `pause_on_hold` concerns the resolution clock only."""

    id: Id
    name: Text = Localised()
    when: SlaConditions = SlaConditions()
    targets: dict[TargetKind, Target] = Field(min_length=1)
    pause_on_hold: bool = False
    warnings: Annotated[tuple[EarlyWarning, ...], AfterValidator(limit_warnings)] = ()
    escalations: tuple[Escalation, ...] = ()

    @model_validator(mode="after")
    def _no_latest_for_pausing_clocks(self) -> "SlaPolicy":
        for kind in (TargetKind.RESOLUTION, TargetKind.UPDATE):
            target = self.targets.get(kind)
            if target and target.at_latest:
                wrong = f"the clock of {kind.value} pauses, so it can't have at_latest"
                raise Misfit(wrong, 'use time: wall with within: "24h"')
        return self
