"""Histories as sentences: every fact of a ticket has one, in both languages, and names turn nothing around."""

import json
from typing import Any

import pytest

from services.gateway.console.chronicle import SENTENCES, Voice, people_in, tell
from services.gateway.console.labels import Labels, isolate
from shared.catalogue.facts import DESK_FACTS, SLA_FACTS
from shared.i18n import LANGUAGES
from tests.contracts.golden_records import read_golden
from tests.unit.gateway.console.house import policy

OF_TICKETS = [
    fact for fact in (*DESK_FACTS, *SLA_FACTS) if "ticket" in fact.model_fields or "work" in fact.model_fields
]
ELSEWHERE = {"sanad.survey.answer_received.v1"}
"""Shown with the survey itself."""


def voice(language: str = "en", people: dict[str, str] | None = None) -> Voice:
    return Voice(Labels(policy().model_dump(mode="json"), language), people or {})


def entry(kind: str, fact: dict[str, Any], at: int = 1, by: str | None = None) -> dict[str, Any]:
    return {"ticket": "t1", "at": at, "by": by, "entries": [{"seq": at, "type": kind, "fact": fact}]}


def told(kind: str, fact: dict[str, Any], language: str = "en", **people: str) -> str:
    (one,) = tell([entry(kind, fact)], voice(language, people))
    return one.text.translate(dict.fromkeys(map(ord, "\u2068\u2069")))


def test_every_fact_of_a_ticket_has_its_sentence() -> None:
    assert {fact.TYPE for fact in OF_TICKETS} - ELSEWHERE == set(SENTENCES)


def test_a_closer_name_is_told_as_the_policy_calls_it_in_both_languages() -> None:
    fact = {"ticket": "t1", "status": "pending", "sub_status": "awaiting_documents", "by": "sara"}
    assert told("sanad.ticket.sub_status_changed.v1", fact) == "More closely: Awaiting documents"
    assert told("sanad.ticket.sub_status_changed.v1", fact, "ar") == "وبالتحديد: بانتظار المستندات"
    assert "no closer name" in told("sanad.ticket.sub_status_changed.v1", {**fact, "sub_status": None})


def test_who_opened_a_ticket_by_hand_is_said_in_both_languages() -> None:
    fact = {"cause": "agent", "team": "first", "category": "cards", "priority": "high", "rule": "any"}
    assert told("sanad.ticket.opened.v1", fact).startswith("Opened by hand in ")
    assert told("sanad.ticket.opened.v1", fact, "ar").startswith("فُتحت يدوياً في ")
    assert told("sanad.ticket.opened.v1", {**fact, "cause": "message"}).endswith("by the rule any")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_every_sentence_can_be_said_of_a_real_fact(kind: str, language: str) -> None:
    fact = json.loads(read_golden(kind).value)
    sentence = told(kind, fact, language)
    assert sentence
    assert "%(" not in sentence
    assert kind not in sentence
    assert any("\u0600" <= letter <= "\u06ff" for letter in sentence) is (language == "ar") or language == "en"


def test_people_are_named_and_unknown_ones_keep_their_id() -> None:
    fact = {"agent": "sara", "how": "automatic", "ticket": "t1"}
    assert told("sanad.work.assigned.v1", fact, sara="سارة") == "Assigned to سارة, automatically"
    assert told("sanad.work.assigned.v1", fact) == "Assigned to sara, automatically"
    assert (
        told("sanad.work.assigned.v1", {**fact, "forced": True}, "ar", sara="سارة")
        == "أُسندت إلى سارة فوق سعته، تلقائياً"
    )


def test_names_are_isolated_from_the_sentence() -> None:
    (one,) = tell([entry("sanad.ticket.owner_changed.v1", {"owner": "eve"})], voice(people={"eve": "Eve\u202e\nx"}))
    assert one.text == f"Owner: {isolate('Eve x')}"
    assert "\u202e" not in one.text


def test_an_owner_who_left_is_named() -> None:
    assert (
        told("sanad.ticket.owner_changed.v1", {"owner": None, "former": "sara"}) == "Nobody owns it now; before: sara"
    )


def test_an_automatic_message_is_nobody_s_reply() -> None:
    sent = {"by": "desk", "author_kind": "system"}
    assert told("sanad.message.sent.v1", sent) == "An automatic message went out"
    assert told("sanad.message.sent.v1", {"by": "sara", "author_kind": "agent"}) == "sara replied"


def test_tags_stand_with_their_sign() -> None:
    fact = {"added": ["vip"], "removed": ["كبير"]}
    assert told("sanad.ticket.tagged.v1", fact) == "Tags: +vip −كبير"


def test_spam_and_its_end_are_two_sentences() -> None:
    assert told("sanad.ticket.spam_marked.v1", {"spam": True}) == "Marked as spam"
    assert told("sanad.ticket.spam_marked.v1", {"spam": False}) == "No longer spam"


def test_a_fact_of_a_newer_version_is_told_by_its_type() -> None:
    assert told("sanad.ticket.cloned.v1", {}) == "sanad.ticket.cloned.v1"


def test_a_word_of_a_newer_version_is_told_as_it_is() -> None:
    fact = {"status": "asleep", "cause": "moonrise"}
    assert told("sanad.ticket.status_changed.v1", fact) == "Status: asleep (moonrise)"


def test_the_latest_comes_first_and_who_did_it_is_said_once() -> None:
    entries = [
        entry("sanad.ticket.prioritised.v1", {"priority": "high"}, 1, "sara"),
        entry("sanad.message.sent.v1", {"by": "sara", "author_kind": "agent"}, 2, "sara"),
    ]
    latest, first = tell(entries, voice(people={"sara": "Sara"}))
    assert (latest.at, latest.by) == (2, "")
    assert (first.at, first.by, first.text) == (1, "Sara", f"Priority: {isolate('High')}")


def test_who_is_no_person_is_not_said() -> None:
    (one,) = tell([entry("sanad.ticket.prioritised.v1", {"priority": "high"}, 1, "sla")], voice())
    assert one.by == ""


def test_everybody_a_history_names_is_looked_up() -> None:
    why = {"candidates": [{"agent": "adam"}, {"agent": "zayd"}]}
    entries = [
        entry("sanad.work.assigned.v1", {"agent": "sara", "why": why}, by="boss"),
        entry("sanad.ticket.owner_changed.v1", {"owner": "omar", "former": None}),
    ]
    assert people_in(entries) == {"sara", "adam", "zayd", "boss", "omar"}


def test_verdicts_have_their_mood() -> None:
    moods = [
        next(tell([entry(f"sanad.target.{verdict}.v1", {"target": "first_reply"})], voice())).mood
        for verdict in ("breached", "warned", "met", "paused")
    ]
    assert moods == ["late", "soon", "good", ""]
