"""A desk moves in the middle of its story, between engines and between folders: nobody and nothing is lost on the way."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx2
import pytest

from tests.e2e.events import evidence, of_kind
from tests.e2e.moving.house import House
from tests.e2e.moving.tale import Tale, tell
from tests.e2e.policies import write_fast_policy
from tests.engines.installation import on_kafka
from tests.invariants.changes import check_changes
from tests.invariants.clocks import check_clocks
from tests.invariants.holding import (
    check_capacity,
    check_nobody_waits_in_vain,
    check_one_holder,
    check_order_of_service,
)
from tests.invariants.ids import check_verdict_ids
from tests.invariants.order import check_order
from tests.invariants.surveys import check_surveys
from tests.traffic.corpus import MESSAGES, is_there, wordings
from tests.traffic.plan import plan

COUNT, LATE = 80, 6
EMBEDDED, KAFKA = dict[str, str], partial(on_kafka, "faust")
ROADS = [
    pytest.param((EMBEDDED, EMBEDDED), id="embedded-to-embedded"),
    pytest.param((EMBEDDED, KAFKA), id="embedded-to-kafka", marks=pytest.mark.engines),
    pytest.param((KAFKA, EMBEDDED), id="kafka-to-embedded", marks=(pytest.mark.engines, pytest.mark.campaign)),
]
CHECKS = (
    check_order, check_changes, check_clocks, check_verdict_ids, check_surveys, check_one_holder, check_capacity,
    check_order_of_service, check_nobody_waits_in_vain,
)  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=ROADS)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    if not is_there():
        pytest.skip(f"THE STORY IS NOT TOLD: its messages are not in {MESSAGES}")
    folder = tmp_path_factory.mktemp("moving")
    house = House(folder, write_fast_policy(folder), *request.param)
    try:
        yield house
    finally:
        house.stop()


@pytest.fixture(scope="module")
def tale(house: House) -> Tale:
    messages = plan(wordings(11, COUNT), seed=5)
    urgent = [one for one in plan(wordings(11, 10 * COUNT), seed=6, first=1_000) if one.label == "lost_or_stolen_card"]
    return asyncio.run(tell(house, messages, urgent[:LATE]))


def homes(tale: Tale, mark: str) -> list[tuple[str, str]]:
    """(conversation, ticket) of every message of a customer in whose text the mark stands."""
    return [
        (message["thread"], whole["id"])
        for whole in tale.wholes
        for message in whole["messages"]
        if message["kind"] == "received" and mark in message["content"]["text"]
    ]


def test_nothing_is_exported_while_services_run(tale: Tale) -> None:
    assert tale.too_early is not None
    assert tale.too_early.returncode == 2
    assert "already open in process" in tale.too_early.stderr or "services still run" in tale.too_early.stderr


def test_everybody_who_was_answered_is_in_exactly_one_conversation(tale: Tale) -> None:
    assert tale.refused == {}
    written = [*tale.messages, *tale.late]
    assert tale.acknowledged == {message.number for message in written}
    assert {message.number: found for message in written if len(found := homes(tale, message.mark)) != 1} == {}


def test_what_was_repeated_after_the_move_is_known_from_before_it(tale: Tale) -> None:
    received = [body["message"] for body in of_kind(tale.events, "message.received")]
    assert len(received) == len(set(received))
    assert tale.answered.customers


def test_the_log_keeps_its_promises_across_the_move(tale: Tale) -> None:
    told = evidence(tale.events)
    assert [violation for check in CHECKS for violation in check(told)] == []


def test_what_was_said_before_the_move_is_said_after_it_word_for_word(tale: Tale) -> None:
    there = {event["id"]: event for event in tale.events}
    assert tale.before
    assert [event for event in tale.before if there.get(event["id"]) != event] == []


def test_an_integrators_cursor_goes_on_without_gap_or_repeat(tale: Tale) -> None:
    told = [event["id"] for event in (*tale.before, *tale.after)]
    assert len(told) == len(set(told))
    assert set(told) == {event["id"] for event in tale.events}


def test_tickets_are_shown_as_they_were(tale: Tale) -> None:
    later = {event["data"].get("ticket") for event in tale.after}
    quiet = [ticket for ticket in tale.tickets if ticket not in later]
    assert quiet
    # what has fallen due meanwhile may be said; nothing else may have changed
    for ticket in quiet:
        assert tale.first_look[ticket] == tale.tickets[ticket]


def test_files_are_downloaded_as_they_were_sent(tale: Tale) -> None:
    assert tale.files
    assert {message: tale.new_files[message] for message in tale.files} == tale.files
    sent = sorted(message.file for message in (*tale.messages, *tale.late) if message.file)
    assert sorted(tale.new_files.values()) == sent


def test_answers_to_letters_from_the_old_place_join_their_conversations(tale: Tale) -> None:
    assert len(tale.answered.customers) > COUNT // 20
    for mark, home in tale.answered.customers.items():
        assert homes(tale, mark) == [home], mark
    for mark, home in tale.answered.forged.items():
        assert homes(tale, mark) != [home], mark


def test_promises_that_broke_during_the_move_are_judged_once_by_their_old_due_times(tale: Tale) -> None:
    late = {message.mark for message in tale.late}
    tickets = {home[1] for mark in late for home in homes(tale, mark)}
    breached = of_kind(tale.events, "target.breached")
    verdicts = Counter((body["ticket"], body["target"]) for body in breached)
    assert max(verdicts.values()) == 1
    assert {(ticket, "first_reply") for ticket in tickets} <= verdicts.keys()
    promised = {
        (body["ticket"], body["target"]): body["due_at"] for body in of_kind(tale.events, "target.started")
    }  # fmt: skip
    for body in breached:
        assert body["due_at"] == promised[body["ticket"], body["target"]]


def test_every_letter_went_out_once_from_the_one_place_or_the_other(tale: Tale) -> None:
    sent = [body["delivery"] for body in of_kind(tale.events, "message.sent")]
    assert sorted(tale.letters) == sorted(sent)
    reported = Counter(body["delivery"] for body in of_kind(tale.events, "delivery.reported"))
    assert reported == Counter(sent)


def test_surveys_are_counted_once_wherever_their_question_was_sent(tale: Tale) -> None:
    assert tale.asked.counted == [0, 2, 2]
    asked = Counter(body["survey"] for body in of_kind(tale.events, "survey.sent"))
    assert set(asked.values()) == {1}


def test_documents_at_the_new_place_are_those_of_the_log(tale: Tale) -> None:
    nothing: dict[str, Any] = {"wrong": 0, "missing": 0, "extra": 0, "failed": False}
    assert tale.rebuilt == dict.fromkeys(("console", "clocks", "surveys"), nothing)


def test_the_old_key_opens_the_new_place(tale: Tale, house: House) -> None:
    answer = httpx2.get(f"{house.there.url}/v1/tickets", headers={"Authorization": f"Bearer {tale.key}"}, timeout=15)
    assert answer.status_code == 200
