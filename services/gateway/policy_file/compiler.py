"""From what people write to what travels: names filled in, words hashed, zones and calendars worked out."""

import hashlib

from services.gateway.policy_file.calendars import ALWAYS, always_open, compile_calendar
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.zones import table_zone
from shared.clock import Ms
from shared.policy.classification import CompiledConditions, Rule, RuleConditions
from shared.policy.desk import Account, Brand
from shared.policy.noun import Localised
from shared.policy.policy import Policy
from shared.policy.sections import shipped_presence, shipped_priorities
from shared.policy.team import Category
from shared.policy.words import WordList, WordListFile

GENERAL = "general"
"""The category of whatever no rule gives another."""


def compile_policy(written: PolicyFile, at: Ms) -> Policy:
    """Needs a file without faults. `at` decides the years zones and holidays are worked out for."""
    brands = written.brands or {"main": Brand(id="main", name=written.desk.name)}
    calendars = {name: compile_calendar(calendar, written.desk, at) for name, calendar in written.calendars.items()}
    calendars[ALWAYS] = always_open(written.desk.zone)
    words = {name: compile_words(name, phrases) for name, phrases in written.words.items()}
    return Policy(
        **{name: getattr(written, name) for name in _TAKEN_OVER},
        brands=brands,
        accounts={name: _with_brand(account, brands) for name, account in written.accounts.items()},
        categories={GENERAL: Category(id=GENERAL, name=Localised(en="General", ar="عام"))} | written.categories,
        priorities=shipped_priorities() | written.priorities,
        presence=shipped_presence() | written.presence,
        zones={
            name: table_zone(name, at)
            for name in sorted({written.desk.zone, *(calendar.zone for calendar in calendars.values())})
        },
        calendars=calendars,
        words=words,
        thanks=compile_words("thanks", written.thanks),
        opt_out=compile_words("opt_out", written.opt_out),
        rules=tuple(Rule(id=rule.id, when=_resolve(rule.when, words), then=rule.then) for rule in written.rules),
    )


_TAKEN_OVER = (
    "desk", "skills", "teams", "capacity", "tiers", "sub_statuses", "hold_reasons", "sla", "surveys", "texts", "limits",
)  # fmt: skip


def compile_words(name: str, written: WordListFile) -> WordList:
    content = "\n".join(sorted(set(written.phrases)))
    condition = f"w_{hashlib.sha256(content.encode()).hexdigest()[:16]}"
    return WordList(id=name, condition=condition, ar=written.ar, en=written.en)


def _with_brand(account: Account, brands: dict[str, Brand]) -> Account:
    return account if account.brand else account.model_copy(update={"brand": next(iter(brands))})


def _resolve(when: RuleConditions, words: dict[str, WordList]) -> CompiledConditions:
    said = {name: getattr(when, name) for name in RuleConditions.model_fields}
    # senders are compared casefolded
    said["address"] = tuple(address.casefold() for address in when.address)
    return CompiledConditions(
        **said,
        any_conditions=tuple(words[name].condition for name in when.words),
        all_conditions=tuple(words[name].condition for name in when.all_words),
        no_conditions=tuple(words[name].condition for name in when.no_words),
    )
