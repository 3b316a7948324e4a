"""What ids and values are called: by the policy in force where a desk names them, else by the product."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.gateway.console.words import TABLES
from shared.clock import Ms
from shared.i18n import NO_DATE, number, translations

NAMED_BY_POLICY = {
    "team": "teams", "category": "categories", "priority": "priorities", "tier": "tiers", "hold": "hold_reasons",
    "away": "presence", "skill": "skills", "account": "accounts", "brand": "brands",
    "sub_status": "sub_statuses",
}  # fmt: skip
KILOBYTE, MEGABYTE = 1_000, 1_000_000
BIDI_CONTROLS = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
CONTROLS = BIDI_CONTROLS | dict.fromkeys([*range(32), 127, *range(128, 160), 0x2028, 0x2029], " ")


def one_line(text: str) -> str:
    """A name, subject or file name as it may stand between our words: nothing in it turns direction or breaks lines."""
    return text.translate(CONTROLS).strip()


def isolate(text: str) -> str:
    """A name inside a sentence of another direction (Unicode isolates: `<bdi>` for plain text)."""
    return f"\u2068{one_line(text)}\u2069"


class Labels:
    """In one language, for one desk."""

    def __init__(self, policy: Mapping[str, Any] | None, language: str) -> None:
        self.language = language
        self.policy: Mapping[str, Any] = policy or {}
        self._words = translations(language)

    def word(self, table: str, value: str | None) -> str:
        """The product's word for a value; a value of a newer version is shown as it is."""
        if not value:
            return ""
        english = TABLES[table].get(value)
        return str(self._words.pgettext(table, english)) if english else str(value)

    def words(self, table: str) -> dict[str, str]:
        """All of a table, to choose from."""
        return {value: self.word(table, value) for value in TABLES[table]}

    def name(self, kind: str, key: str | None) -> str:
        """What the policy calls it; what it no longer knows keeps its id."""
        if not key:
            return ""
        noun = self.policy.get(NAMED_BY_POLICY[kind], {}).get(key, {})
        return self.localised(noun.get("name", {})) or str(key)

    def names(self, kind: str) -> dict[str, str]:
        """Everything the policy has of a kind, to choose from."""
        return {key: self.name(kind, key) for key in self.policy.get(NAMED_BY_POLICY[kind], {})}

    def skill(self, key: str) -> str:
        """A skill's name; languages are skills whose names are the product's."""
        prefix, _, language = key.partition(":")
        return self.word("language", language) if prefix == "language" and language else self.name("skill", key)

    def size(self, count: int) -> str:
        """Of a file, in whole kilobytes or megabytes."""
        unit, figure = ("MB", count / MEGABYTE) if count >= MEGABYTE else ("kB", max(1, count / KILOBYTE))
        return f"{number(round(figure), self.language)} {self._words.pgettext('size', unit)}"

    def away(self) -> dict[str, str]:
        """Why somebody may say they are not ready."""
        return {key: self.name("away", key) for key, row in self.policy.get("presence", {}).items() if row["chosen"]}

    def localised(self, text: Mapping[str, str]) -> str:
        first, second = ("ar", "en") if self.language == "ar" else ("en", "ar")
        return text.get(first) or text.get(second) or ""

    def reference(self, number: int | None) -> str:
        """A ticket's number as people write it: always ASCII."""
        return f"{self.policy.get('desk', {}).get('prefix', 'SUP')}-{number}" if number else ""

    def iso(self, at: Ms) -> str:
        """A time for machines that read the page; empty for one that no calendar has."""
        try:
            return datetime.fromtimestamp(at // 1_000, UTC).isoformat()
        except NO_DATE:
            return ""

    @property
    def desk(self) -> str:
        """The desk's name."""
        return self.localised(self.policy.get("desk", {}).get("name", {}))

    @property
    def zone(self) -> str:
        """The zone the desk's times are told in."""
        return str(self.policy.get("desk", {}).get("zone", "UTC"))
