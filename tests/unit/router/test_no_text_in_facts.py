"""What people write stays out of facts: what goes into one from outside is a word."""

from typing import Any

import pytest

from shared.catalogue.commands import EscalateTicket
from shared.catalogue.facts import TicketTagged
from shared.policy.terms import Status
from tests.unit.router.driving import LEAD, World
from tests.unit.router.policies import changed

SENTENCE = "Sara Haddad, +970 599 123456, asked us to call her husband"
TEXTS = ["sara@client.example", SENTENCE, "a b", "x" * 65, "", "\u202ehidden", "-", "a\nb"]
FREE = changed(
    "hold_reasons: {supplier: {name: Supplier, longest: 10d}, snoozed: {name: Snoozed}}\n", "",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("field", ["add_tags", "fields", "hold_reason"])
def test_text_is_refused(field: str, text: str) -> None:
    world = World(FREE)
    ticket = world.mail("sara").ticket
    given: dict[str, dict[str, Any]] = {
        "add_tags": {"add_tags": (text,)},
        "fields": {"fields": {text: "1"}},
        "hold_reason": {"hold_reason": text, "status": Status.ON_HOLD},
    }
    outcome = world.update(ticket, **given[field])
    assert (outcome.names, outcome.refusal) == (["CommandSettled"], "invalid_word")


@pytest.mark.parametrize("word", ["late", "متأخر", "مُتأخِّر", "v2.1", "a_b-c", "اعادة-ارسال", "顧客", "x" * 64])
def test_a_word_of_any_script_is_fine(word: str) -> None:
    world = World()
    ticket = world.mail("sara").ticket
    assert world.update(ticket, add_tags=(word,)).one(TicketTagged).added == (word,)


def test_a_cause_is_one_of_those_there_are() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    refused = world.update(ticket, status=Status.RESOLVED, resolution_cause=SENTENCE)
    assert refused.refusal == "unknown_cause"
    assert world.update(ticket, status=Status.RESOLVED, resolution_cause="duplicate").refusal is None


@pytest.mark.parametrize("field", [{"target": SENTENCE}, {"cause": SENTENCE}, {"notify": ("lead", SENTENCE)}])
def test_an_escalation_says_whom_and_why_in_words(field: dict[str, Any]) -> None:
    world = World()
    ticket = world.mail("sara").ticket
    given = {"by": LEAD, "ticket": ticket, "target": "first_reply", "cycle": 1, "cause": "breach"}
    assert world.send(EscalateTicket.model_validate(given | field)).refusal == "invalid_word"


def test_tags_that_come_and_go_at_once_still_count() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    tags = tuple(f"tag{number}" for number in range(31))
    assert world.update(ticket, add_tags=tags, remove_tags=tags).refusal == "too_many_tags"


def test_fields_have_an_end() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    fields = {f"field{number}": "x" for number in range(101)}
    assert world.update(ticket, fields=fields).refusal == "too_many_fields"
