"""deploy/desk.yaml: the desk a newcomer meets first."""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from services.gateway.policy_file.loader import load_policy
from shared.clock import HOUR, MINUTE
from shared.policy.noun import Localised, Noun
from shared.policy.policy import Policy
from shared.policy.terms import TargetKind
from shared.policy.traits import Traits
from shared.text.phrases import WordIndex
from tests.unit.policy.samples import NOW

ROOT = Path(__file__).parents[3]
MESSAGES = ROOT.parent / "shared" / "data" / "messages"


@cache
def desk() -> Policy:
    return load_policy((ROOT / "deploy" / "desk.yaml").read_text(encoding="utf-8"), at=NOW)


@cache
def doors() -> WordIndex:
    return WordIndex(desk().conditions)


def rule_of(text: str, tier: str = "") -> str:
    return desk().rule_for(Traits(conditions=frozenset(doors().find(text)), tier=tier)).id


def team_of(text: str) -> str:
    then = desk().rule_for(Traits(conditions=frozenset(doors().find(text)))).then
    return then.team or desk().team_for(then.category).id


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Somebody stole my card on the bus", "lost-card"),
        ("ضاعت بطاقتي في السوق أمس", "lost-card"),
        ("سُرقت البطاقة مني", "lost-card"),
        ("I lost my phone and can't open anything", "lost-phone"),
        ("الصراف ابتلع البطاقة", "card-in-the-machine"),
        ("There is a payment I don't recognise", "fraud"),
        ("عملية غريبة على حسابي", "fraud"),
        ("When will my new card arrive?", "ordering-a-card"),
        ("متى تصل بطاقتي", "card-delivery"),
        ("My transfer has not arrived yet", "missing-transfer"),
        ("الحوالة ما وصلت", "missing-transfer"),
        ("I sent money to the wrong account by mistake", "cancel-transfer"),
        ("I forgot my password", "password"),
        ("نسيت كلمة المرور", "password"),
        ("I want to close my account", "closing"),
        ("أريد إغلاق حسابي", "closing"),
        ("This is unacceptable, I want to make a complaint", "complaint"),
        ("عندي شكوى على الفرع", "complaint"),
        ("What is the exchange rate today", "exchange"),
        ("كم سعر الصرف اليوم", "exchange"),
        ("Good morning", "default"),
        ("السلام عليكم", "default"),
    ],
)
def test_ordinary_sentences_find_their_rule(text: str, rule: str) -> None:
    assert rule_of(text) == rule


def test_a_complaint_of_a_vip_is_urgent_and_promised_sooner() -> None:
    assert rule_of("عندي شكوى", tier="vip") == "complaint-of-a-vip"
    promised = desk().sla_for(Traits(category="complaints", tier="vip"))
    assert promised is not None
    assert promised.id == "vip-complaint"
    assert any(escalation.raise_tier for escalation in promised.escalations)


def test_a_newcomer_sees_a_breach_within_minutes_at_any_hour() -> None:
    promised = desk().sla_for(Traits(category="cards/lost", priority="urgent"))
    assert promised is not None
    first_reply = promised.targets[TargetKind.FIRST_REPLY]
    assert first_reply.time == "wall"
    assert first_reply.within <= 5 * MINUTE


def test_everything_else_is_answered_within_an_hour_at_the_latest_a_day() -> None:
    promised = desk().sla_for(Traits())
    assert promised is not None
    assert promised.targets[TargetKind.FIRST_REPLY].within == HOUR
    assert promised.targets[TargetKind.FIRST_REPLY].at_latest == 24 * HOUR


def test_every_specialty_has_a_team_and_every_team_a_way_up() -> None:
    assert {desk().team_for(path).id for path in desk().categories} == set(desk().teams) - {"second_line"}
    assert {team.escalates_to for team in desk().teams.values()} == {"second_line", None}


def test_every_word_list_is_used() -> None:
    used = {name for rule in desk().rules for name in (*rule.when.words, *rule.when.all_words, *rule.when.no_words)}
    assert used == set(desk().words)


def test_arabic_and_english_are_equals() -> None:
    texts = list(_texts(desk()))
    assert len(texts) > 50
    assert [text for text in texts if text and not (text.ar and text.en)] == []
    assert [words.id for words in desk().words.values() if not (words.ar and words.en)] == []


def _texts(noun: Noun) -> Iterator[Localised]:
    for name in type(noun).model_fields:
        value = getattr(noun, name)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,):
            if isinstance(item, Localised):
                yield item
            elif isinstance(item, Noun):
                yield from _texts(item)


def test_no_person_stands_in_the_policy() -> None:
    assert not {"agents", "people", "members"} & set(Policy.model_fields)


# The labels of the set whose team is beyond dispute, by the beginning of the label.
EXPECTED = {
    "cards": ("card arrival", "lost or stolen card", "compromised card", "activate my card", "change pin", "pin blocked", "card swallowed"),
    "transfers": ("cancel transfer", "failed transfer", "pending transfer", "transfer timing", "exchange rate", "top up by cash"),
    "accounts": ("terminate account", "verify my identity", "why verify identity", "age limit"),
    "technical": ("passcode forgotten", "lost or stolen phone"),
}  # fmt: skip


def _labelled(messages: str, text_column: int, label_column: int) -> list[tuple[str, str]]:
    if not (MESSAGES / messages).exists():
        pytest.skip(f"LOUD: {MESSAGES / messages} is absent, real messages were not classified")
    with (MESSAGES / messages).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [(row[text_column], row[label_column].replace("_", " ")) for row in rows]


def _share_of_right_teams(messages: list[tuple[str, str]]) -> float:
    team_by_label = {label: team for team, labels in EXPECTED.items() for label in labels}
    judged = [
        team_of(text) == team
        for text, label in messages
        for beginning, team in team_by_label.items()
        if label.startswith(beginning)
    ]
    assert len(judged) > 500
    return sum(judged) / len(judged)


def test_most_real_english_messages_reach_the_right_team() -> None:
    assert _share_of_right_teams(_labelled("banking77_en_train.csv", 0, 1)) > 0.85


def test_most_real_arabic_messages_reach_the_right_team() -> None:
    names = {arabic: english for english, arabic in _labelled("arbanking77_intents.csv", 0, 1)}
    messages = [(text, names.get(label, "")) for text, label in _labelled("arbanking77_val.csv", 1, 0)]
    assert _share_of_right_teams(messages) > 0.75
