"""Lengths, texts, weights, conditions, warnings: the small nouns of a policy."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.gateway.policy_file.diff import spell_length
from shared.clock import DAY, HOUR, MINUTE, SECOND
from shared.policy.capacity import Capacity, Weight
from shared.policy.classification import CompiledConditions
from shared.policy.noun import AS_WRITTEN, LONGEST_DAYS, Length, Localised, Text
from shared.policy.sla import EarlyWarning, Escalation, SlaConditions
from shared.policy.terms import Channel, Priority, TargetKind, WorkKind
from shared.policy.texts import AutomaticText, AutomaticTexts
from shared.policy.traits import Traits

LENGTH: TypeAdapter[int] = TypeAdapter(Length)


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("15m", 15 * MINUTE),
        ("1h30m", 90 * MINUTE),
        ("7d", 7 * DAY),
        ("2w", 14 * DAY),
        ("0s", 0),
        ("90s", 90 * SECOND),
        ("250ms", 250),
        ("1m1ms", MINUTE + 1),
        ("24h", 24 * HOUR),
    ],
)
def test_lengths_are_read_with_their_unit(written: str, length: int) -> None:
    assert LENGTH.validate_python(written, context=AS_WRITTEN) == length


@pytest.mark.parametrize("written", ["", "1", "h", "1.5h", "-1h", "1 h", "1H", "1h 30m", "١س", "1y"])
def test_what_is_no_length_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="no length of time"):
        LENGTH.validate_python(written, context=AS_WRITTEN)


def test_bare_numbers_are_lengths_only_in_a_compiled_policy() -> None:
    assert LENGTH.validate_python(900_000) == 900_000
    with pytest.raises(ValidationError, match="needs its unit"):
        LENGTH.validate_python(900_000, context=AS_WRITTEN)


@pytest.mark.parametrize("written", ["3660d1ms", "99999999999999999999w", "9" * 5_000 + "ms", "1830d1830d1s"])
def test_a_length_of_more_than_ten_years_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="longer than ten years"):
        LENGTH.validate_python(written, context=AS_WRITTEN)


@given(st.integers(0, LONGEST_DAYS * DAY))
def test_a_length_is_spelled_as_it_is_read(length: int) -> None:
    assert LENGTH.validate_python(spell_length(length), context=AS_WRITTEN) == length


def test_one_language_stands_in_for_the_other() -> None:
    assert Localised(ar="شكراً").in_language("en") == "شكراً"
    assert Localised(en="Thanks").in_language("ar") == "Thanks"
    assert Localised(ar="شكراً", en="Thanks").in_language("fr") == "Thanks"
    assert TypeAdapter(Text).validate_python("Cards") == Localised(ar="Cards", en="Cards")


class TestCapacity:
    capacity = Capacity()

    def test_a_call_takes_the_whole_person_whoever_it_is(self) -> None:
        assert self.capacity.weight("call", "voice", "open") == self.capacity.points
        assert self.capacity.weight("call", "voice", "open", points=30) == 30

    def test_a_chat_takes_a_third(self) -> None:
        assert self.capacity.weight("chat", "chat", "open") * 3 == self.capacity.points

    @pytest.mark.parametrize("state", ["pending", "on_hold", "silent", "resolved", "closed"])
    @pytest.mark.parametrize("kind", list(WorkKind))
    def test_what_waits_for_others_weighs_nothing(self, kind: WorkKind, state: str) -> None:
        assert self.capacity.weight(kind, "email", state) == 0

    def test_the_first_weight_that_fits_counts(self) -> None:
        capacity = Capacity(
            weights=(Weight(channel=(Channel.EMAIL,), points=3), Weight(kind=(WorkKind.TICKET,), points=1))
        )
        assert capacity.weight("ticket", "email", "open") == 3
        assert capacity.weight("ticket", "webform", "open") == 1
        assert capacity.weight("task", "webform", "open") == 0


class TestRuleConditions:
    @pytest.mark.parametrize(
        ("conditions", "holds"),
        [
            (CompiledConditions(), True),
            (CompiledConditions(account=("mail",)), True),
            (CompiledConditions(account=("web",)), False),
            (CompiledConditions(account=("web", "mail")), True),
            (CompiledConditions(channel=(Channel.EMAIL,), tier=("vip",)), True),
            (CompiledConditions(channel=(Channel.EMAIL,), tier=("standard",)), False),
            (CompiledConditions(language=("en",)), False),
            (CompiledConditions(brand=("main",)), True),
            (CompiledConditions(address=("sara@corp.example",)), True),
            (CompiledConditions(address=("@corp.example",)), True),
            (CompiledConditions(address=("@orp.example",)), False),
            (CompiledConditions(address=("corp.example",)), False),
            (CompiledConditions(any_conditions=("w_x", "w_card")), True),
            (CompiledConditions(any_conditions=("w_x",)), False),
            (CompiledConditions(all_conditions=("w_card", "w_lost")), True),
            (CompiledConditions(all_conditions=("w_card", "w_x")), False),
            (CompiledConditions(no_conditions=("w_x",)), True),
            (CompiledConditions(no_conditions=("w_x", "w_lost")), False),
        ],
    )
    def test_all_given_must_hold_and_any_value_of_a_list_will_do(
        self, conditions: CompiledConditions, holds: bool
    ) -> None:
        traits = Traits(
            account="mail",
            channel="email",
            brand="main",
            address="sara@corp.example",
            language="ar",
            tier="vip",
            conditions=frozenset({"w_card", "w_lost"}),
        )
        assert conditions.hold(traits) is holds


class TestSla:
    def test_a_category_includes_everything_below_it_but_no_namesake(self) -> None:
        conditions = SlaConditions(category=("cards",))
        assert conditions.hold(Traits(category="cards"))
        assert conditions.hold(Traits(category="cards/lost"))
        assert not conditions.hold(Traits(category="cardsharks"))
        assert not conditions.hold(Traits())

    @pytest.mark.parametrize("name", ["team", "type", "priority", "tier", "account", "channel", "brand", "language"])
    def test_every_condition_looks_at_its_own_trait(self, name: str) -> None:
        value = {"type": "complaint", "priority": "urgent", "channel": "email", "language": "ar"}.get(name, "some")
        conditions = SlaConditions.model_validate({name: value})
        trait: dict[str, Any] = {name: value}
        assert conditions.hold(Traits(**trait))
        assert not conditions.hold(Traits())

    def test_a_warning_fires_after_its_share_or_before_the_end(self) -> None:
        assert EarlyWarning(share=75).elapsed(HOUR) == 45 * MINUTE
        assert EarlyWarning(before=10 * MINUTE).elapsed(HOUR) == 50 * MINUTE
        assert EarlyWarning(before=2 * HOUR).elapsed(HOUR) == 0

    def test_alarms_concern_all_targets_unless_some_are_named(self) -> None:
        assert EarlyWarning(share=75).concerns(TargetKind.RESOLUTION)
        assert not EarlyWarning(share=75, targets=(TargetKind.UPDATE,)).concerns(TargetKind.RESOLUTION)
        assert Escalation(targets=(TargetKind.UPDATE,)).concerns(TargetKind.UPDATE)

    def test_priorities_are_declared_from_the_most_urgent_down(self) -> None:
        assert list(Priority) == ["urgent", "high", "normal", "low"]


class TestAutomaticTexts:
    @pytest.mark.parametrize("kind", list(AutomaticTexts.model_fields))
    @pytest.mark.parametrize("language", ["ar", "en"])
    def test_shipped_texts_fill_in_their_number_in_both_languages(self, kind: str, language: str) -> None:
        text: AutomaticText = getattr(AutomaticTexts(), kind)
        subject, body = text.written(language, number="SUP-7", link="https://x.example", brand="Acme")
        assert "SUP-7" in subject
        assert "SUP-7" in body
        assert "{" not in subject + body

    def test_arabic_and_english_differ(self) -> None:
        text = AutomaticTexts().acknowledgement
        assert text.written("ar") != text.written("en")
