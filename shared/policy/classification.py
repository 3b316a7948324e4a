"""Ordered classification rules: the first whose conditions all hold decides."""

from functools import cached_property
from typing import Annotated

from pydantic import Field

from shared.policy.noun import Id, Language, Noun, Path, SkillName, Some, Tag
from shared.policy.terms import Channel, Priority, TicketType
from shared.policy.traits import Traits


class RuleConditions(Noun):
    """All given must hold; within one list any value will do. Nothing given: holds always."""

    account: Some[Id] = ()
    channel: Some[Channel] = ()
    brand: Some[Id] = ()
    address: Some[str] = ()
    """Addresses of senders, or `@domain` for all of a domain."""
    language: Some[Language] = ()
    tier: Some[Id] = ()
    words: Some[Id] = ()
    """Any of these word lists; in a compiled policy their condition ids stand in `any_conditions`."""
    all_words: Some[Id] = ()
    no_words: Some[Id] = ()

    @property
    def always(self) -> bool:
        return not any(getattr(self, name) for name in RuleConditions.model_fields)


class CompiledConditions(RuleConditions):
    """The same with word lists resolved to condition ids."""

    any_conditions: tuple[str, ...] = ()
    all_conditions: tuple[str, ...] = ()
    no_conditions: tuple[str, ...] = ()

    @cached_property
    def wishes(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """The traits asked about at all, with the values that will do: a desk has many rules, each asks about few."""
        asked = ((name, frozenset(getattr(self, name))) for name in ("account", "channel", "brand", "language", "tier"))
        return tuple((name, values) for name, values in asked if values)

    def hold(self, traits: Traits) -> bool:
        return (
            all(getattr(traits, name) in values for name, values in self.wishes)
            and self._fits_words(traits.conditions)
            and self._fits_address(traits.address)
        )

    def _fits_address(self, address: str) -> bool:
        return not self.address or any(
            address == wish or (wish.startswith("@") and address.endswith(wish)) for wish in self.address
        )

    def _fits_words(self, found: frozenset[str]) -> bool:
        return (
            not (self.any_conditions and found.isdisjoint(self.any_conditions))
            and found.issuperset(self.all_conditions)
            and found.isdisjoint(self.no_conditions)
        )


class Classification(Noun):
    """What a rule says. Without a team, the specialty of the category decides, then the account's team."""

    category: Path = "general"
    type: TicketType = TicketType.QUESTION
    priority: Priority = Priority.NORMAL
    team: Id | None = None
    skills: dict[SkillName, Annotated[int, Field(ge=1, le=5)]] = Field(default_factory=dict)
    """Skill → least level asked for (1–5)."""
    tags: Some[Tag] = ()


class RuleFile(Noun):
    id: Id
    when: RuleConditions = RuleConditions()
    then: Classification = Classification()


class Rule(Noun):
    id: Id
    when: CompiledConditions = CompiledConditions()
    then: Classification = Classification()
