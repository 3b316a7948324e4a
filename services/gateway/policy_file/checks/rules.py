"""Classification rules: every name they use exists."""

from collections.abc import Iterator

from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault

WHEN = {
    "account": "accounts", "brand": "brands", "tier": "tiers", "language": "languages",
    "words": "words", "all_words": "words", "no_words": "words",
}  # fmt: skip


def check_rules(file: PolicyFile, names: Names) -> Iterator[Fault]:
    """Faults of names that rules use and nothing declares."""
    for place, rule in enumerate(file.rules):
        steps = ("rules", place)
        for field, kind in WHEN.items():
            yield from names.check_all(kind, getattr(rule.when, field), (*steps, "when", field))
        yield from names.check("categories", rule.then.category, (*steps, "then", "category"))
        yield from names.check("teams", rule.then.team, (*steps, "then", "team"))
        for skill in rule.then.skills:
            yield from names.check("skills", skill, (*steps, "then", "skills", skill))
