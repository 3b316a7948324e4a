"""What the written and the compiled policy have in common: every section that means the same in both."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from shared.clock import HOUR, MINUTE
from shared.policy.capacity import Capacity
from shared.policy.desk import Account, Brand, Desk
from shared.policy.limits import Limits
from shared.policy.noun import Localised, Named, Noun, Path, SkillName, name_items
from shared.policy.sla import SlaPolicy, Target
from shared.policy.states import CustomerTier, HoldReason, PresenceReason, PriorityTerms, SubStatus
from shared.policy.survey import Surveys
from shared.policy.team import Category, Skill, Team
from shared.policy.terms import Priority, Status, TargetKind
from shared.policy.texts import AutomaticTexts


def shipped_priorities() -> dict[str, PriorityTerms]:
    rows = (
        (Priority.URGENT, "Urgent", "عاجل", 8 * HOUR),
        (Priority.HIGH, "High", "مرتفع", 2 * HOUR),
        (Priority.NORMAL, "Normal", "عادي", 0),
        (Priority.LOW, "Low", "منخفض", 0),
    )
    return {row[0]: PriorityTerms(id=row[0], name=Localised(en=row[1], ar=row[2]), head_start=row[3]) for row in rows}


def shipped_tiers() -> dict[str, CustomerTier]:
    return {
        "standard": CustomerTier(id="standard", name=Localised(en="Standard", ar="أساسي")),
        "vip": CustomerTier(id="vip", name=Localised(en="VIP", ar="كبار العملاء"), head_start=HOUR),
    }


def shipped_presence() -> dict[str, PresenceReason]:
    rows = (
        ("break", "Break", "استراحة", 20 * MINUTE, True),
        ("prayer", "Prayer", "صلاة", 30 * MINUTE, True),
        ("training", "Training", "تدريب", None, True),
        ("meeting", "Meeting", "اجتماع", None, True),
        ("offline", "Offline", "غير متصل", None, True),
        ("disconnected", "Disconnected", "انقطع الاتصال", None, False),
    )
    return {
        name: PresenceReason(id=name, name=Localised(en=en, ar=ar), limit=limit, chosen=chosen)
        for name, en, ar, limit, chosen in rows
    }


def shipped_holds() -> dict[str, HoldReason]:
    rows = (("third_party", "Waiting for a third party", "بانتظار جهة أخرى"), ("snoozed", "Snoozed", "مؤجلة"))
    return {name: HoldReason(id=name, name=Localised(en=en, ar=ar)) for name, en, ar in rows}


def shipped_sub_statuses() -> dict[str, SubStatus]:
    return {
        "awaiting_documents": SubStatus(
            id="awaiting_documents",
            name=Localised(en="Awaiting documents", ar="بانتظار المستندات"),
            status=Status.PENDING,
        )
    }


def shipped_sla() -> tuple[SlaPolicy, ...]:
    """Reply within one hour of business time, at the latest 24 hours on the clock of the wall."""
    reply = Target(within=HOUR, at_latest=24 * HOUR)
    return (
        SlaPolicy(
            id="default",
            name=Localised(en="Reply within 1 hour, at the latest 24", ar="الرد خلال ساعة، وبحد أقصى ٢٤ ساعة"),
            targets={TargetKind.FIRST_REPLY: reply, TargetKind.NEXT_REPLY: reply},
        ),
    )


class Sections(Noun):
    """Mappings are keyed by id and every item repeats its key as `id`."""

    desk: Desk
    brands: Named[Brand] = Field(default_factory=dict)
    accounts: Named[Account] = Field(min_length=1)
    categories: Annotated[dict[Path, Category], BeforeValidator(name_items)] = Field(default_factory=dict)
    skills: Annotated[dict[SkillName, Skill], BeforeValidator(name_items)] = Field(default_factory=dict)
    teams: Named[Team] = Field(min_length=1)
    capacity: Capacity = Capacity()
    priorities: Named[PriorityTerms] = Field(default_factory=shipped_priorities)
    tiers: Named[CustomerTier] = Field(default_factory=shipped_tiers)
    sub_statuses: Named[SubStatus] = Field(default_factory=shipped_sub_statuses)
    hold_reasons: Named[HoldReason] = Field(default_factory=shipped_holds)
    presence: Named[PresenceReason] = Field(default_factory=shipped_presence)
    sla: tuple[SlaPolicy, ...] = Field(default_factory=shipped_sla)
    surveys: Surveys = Surveys()
    texts: AutomaticTexts = AutomaticTexts()
    limits: Limits = Limits()
