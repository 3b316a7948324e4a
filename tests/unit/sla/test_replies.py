"""First and next reply: who waits since when, and what counts as an answer."""

from typing import Any

import pytest

from shared.catalogue.facts import TargetBreached, TargetCancelled, TargetMet, TargetReplanned, TargetStarted
from shared.clock import DAY, HOUR, MINUTE
from shared.ids import named_id
from shared.policy.terms import Status
from tests.unit.sla.driving import Sla
from tests.unit.sla.policies import MONDAY, plain, policy

REPLIES = plain("1h", "always", "next_reply")


def desk() -> Sla:
    return Sla(MONDAY).policy(REPLIES)


def test_the_first_reply_is_owed_since_the_customer_wrote_not_since_we_noticed() -> None:
    sla = desk().silently(MONDAY + 10 * MINUTE).open(since=MONDAY)
    (started,) = sla.said(TargetStarted)
    assert (started.target, started.started_at, started.due_at) == ("first_reply", MONDAY, MONDAY + HOUR)


def test_a_persons_reply_meets_it_with_its_time() -> None:
    sla = desk().open().at(MONDAY + 40 * MINUTE).reply()
    (met,) = sla.said(TargetMet)
    assert (met.target, met.stopped_at, met.elapsed, met.due_at) == (
        "first_reply", MONDAY + 40 * MINUTE, 40 * MINUTE, MONDAY + HOUR,
    )  # fmt: skip
    assert sla.at(MONDAY + DAY).verdicts() == [("t", "first_reply", 1, "met")]


def test_a_reply_at_the_very_deadline_is_in_time() -> None:
    assert desk().open().silently(MONDAY + HOUR).reply().verdicts() == [("t", "first_reply", 1, "met")]


def test_a_reply_a_millisecond_later_is_late_even_if_nobody_had_noticed() -> None:
    sla = desk().open().silently(MONDAY + HOUR + 1).reply().reply().later(DAY)
    assert sla.verdicts() == [("t", "first_reply", 1, "breached")]


@pytest.mark.parametrize(
    "fields",
    [{"automatic": True}, {"author_kind": "bot"}, {"author_kind": "system", "automatic": True}],
    ids=["an acknowledgement", "a bot", "the system"],
)
def test_what_no_person_wrote_is_no_reply(fields: dict[str, Any]) -> None:
    sla = desk().open().later(MINUTE).reply(**fields).at(MONDAY + DAY)
    assert sla.verdicts() == [("t", "first_reply", 1, "breached")]


@pytest.mark.parametrize(
    "fields",
    [{"thanks": True}, {"automatic": "out_of_office"}, {"author_kind": "third_party"}],
    ids=["thanks", "automatic mail", "a third party"],
)
def test_what_asks_nothing_starts_nothing(fields: dict[str, Any]) -> None:
    sla = desk().open().reply().later(HOUR).write(**fields).later(DAY)
    assert sla.story("next_reply") == []


def test_messages_after_a_reply_are_the_next_replys_from_the_oldest_unanswered_one() -> None:
    sla = desk().open().later(MINUTE).reply().later(HOUR).write().later(10 * MINUTE).write()
    (started,) = sla.said(TargetStarted, "next_reply")
    assert started.started_at == MONDAY + HOUR + MINUTE
    sla.later(5 * MINUTE).reply()
    assert sla.said(TargetMet, "next_reply")[0].elapsed == 15 * MINUTE


def test_each_turn_of_the_customer_is_a_cycle_of_its_own() -> None:
    sla = desk().open().reply()
    for _ in range(3):
        sla.later(HOUR).write().later(MINUTE).reply()
    sla.later(HOUR).write().later(2 * HOUR).reply()
    assert sla.verdicts()[1:] == [("t", "next_reply", cycle, "met") for cycle in (1, 2, 3)] + [
        ("t", "next_reply", 4, "breached")
    ]


def test_reply_clocks_never_pause() -> None:
    sla = desk().open().later(MINUTE).turn(Status.PENDING).turn(Status.ON_HOLD).at(MONDAY + DAY)
    assert sla.verdicts() == [("t", "first_reply", 1, "breached")]
    assert "paused" not in sla.story("first_reply")


def test_an_older_message_that_comes_late_moves_the_deadline_forward() -> None:
    sla = desk().open().reply().at(MONDAY + HOUR).write().write(sent_at=MONDAY + 30 * MINUTE)
    (moved,) = sla.said(TargetReplanned)
    assert (moved.former_due_at, moved.due_at) == (MONDAY + 2 * HOUR, MONDAY + 90 * MINUTE)
    assert moved.elapsed == 30 * MINUTE
    assert sla.clock("next_reply").wait == MONDAY + 30 * MINUTE


def test_silence_found_late_is_not_judged_again_by_another_message() -> None:
    sla = desk().open().later(2 * HOUR).write().later(DAY).reply().later(DAY)
    assert sla.verdicts() == [("t", "first_reply", 1, "breached")]


def test_resolving_without_an_answer_owes_none() -> None:
    sla = desk().open().later(MINUTE).turn(Status.RESOLVED)
    (gone,) = sla.said(TargetCancelled)
    assert (gone.target, gone.cause) == ("first_reply", "resolved")
    sla.later(DAY).write().turn(Status.OPEN)
    (_, again) = sla.said(TargetStarted)
    assert (again.target, again.cycle, again.started_at) == ("first_reply", 2, MONDAY + MINUTE + DAY)


def test_a_reopening_message_counts_from_when_it_was_sent_in_whatever_order_the_facts_come() -> None:
    for deeds in (("write", "turn"), ("turn", "write")):
        sla = desk().open().reply().turn(Status.RESOLVED).later(HOUR)
        for deed in deeds:
            sla = sla.write() if deed == "write" else sla.turn(Status.OPEN)
        assert [fact.started_at for fact in sla.said(TargetStarted, "next_reply")] == [MONDAY + HOUR]


def test_a_closed_ticket_is_forgotten() -> None:
    sla = desk().open().turn(Status.CLOSED)
    assert sla.verdicts() == [("t", "first_reply", 1, "cancelled")]
    assert sla.said(TargetCancelled)[0].cause == "closed"
    assert "t" not in sla.state.tickets
    sla.write().reply().bounce("m1").turn(Status.OPEN)
    assert len(sla.verdicts()) == 1
    assert sla.wanted is None


def test_a_reply_that_can_never_arrive_opens_a_new_cycle_of_the_same_wait() -> None:
    sla = desk().open().later(10 * MINUTE).reply(message="lost").later(20 * MINUTE).bounce("lost")
    (_, again) = sla.said(TargetStarted, "first_reply")
    assert (again.cycle, again.started_at, again.due_at) == (2, MONDAY, MONDAY + HOUR)
    sla.later(MINUTE).reply()
    assert sla.verdicts() == [("t", "first_reply", 1, "met"), ("t", "first_reply", 2, "met")]
    assert sla.said(TargetMet)[1].elapsed == 31 * MINUTE


def test_a_bounce_after_the_deadline_leaves_no_time_at_all() -> None:
    sla = desk().open().later(10 * MINUTE).reply(message="lost").later(5 * HOUR).bounce("lost")
    assert sla.due("first_reply") == sla.now
    assert sla.later(1).verdicts()[-1] == ("t", "first_reply", 2, "breached")


def test_a_word_after_resolving_answers_what_was_asked_unless_it_is_lost() -> None:
    sla = desk().open().later(MINUTE).turn(Status.RESOLVED).later(MINUTE).reply(message="lost").later(MINUTE)
    assert sla.bounce("lost").story("first_reply") == ["started", "cancelled"]
    sla.turn(Status.OPEN)
    assert (sla.clock("first_reply").wait, sla.clock("first_reply").cycle) == (MONDAY, 2)
    sla.reply().later(MINUTE).write()
    assert sla.clock("next_reply").open


def test_resolved_without_a_word_and_reopened_by_an_agent_nobody_waits() -> None:
    sla = desk().open().turn(Status.RESOLVED).turn(Status.OPEN).later(DAY)
    assert sla.story("first_reply") == ["started", "cancelled"]


@pytest.mark.parametrize(
    "fields",
    [{"permanent": False}, {"outcome": "unknown"}, {"outcome": "delivered"}],
    ids=["soft", "unknown", "delivered"],
)
def test_only_a_permanent_failure_voids_a_reply(fields: dict[str, Any]) -> None:
    sla = desk().open().reply(message="m").bounce("m", **fields)
    assert sla.story("first_reply") == ["started", "met"]


def test_a_failed_reply_does_not_matter_when_another_one_followed() -> None:
    sla = desk().open().reply(message="lost").later(MINUTE).reply(message="second").bounce("lost")
    assert sla.story("first_reply") == ["started", "met"]
    assert sla.bounce("second").story("first_reply") == ["started", "met", "started"]


def test_the_same_bounce_twice_is_one() -> None:
    sla = desk().open().reply(message="lost").bounce("lost").later(MINUTE).reply().bounce("lost")
    assert sla.story("first_reply") == ["started", "met", "started", "met"]


def test_a_lost_first_reply_turns_the_following_wait_into_the_first_one_again() -> None:
    sla = desk().open().later(MINUTE).reply(message="lost").later(MINUTE).write().bounce("lost")
    assert sla.said(TargetCancelled, "next_reply")[0].cause == "delivery_failed"
    assert sla.clock("first_reply").wait == MONDAY
    sla.later(MINUTE).reply()
    assert sla.verdicts()[-1] == ("t", "first_reply", 2, "met")


def test_a_late_reply_that_is_lost_brings_no_second_verdict_for_the_same_wait() -> None:
    sla = desk().open().later(3 * HOUR).reply(message="lost").bounce("lost").later(DAY).reply().later(DAY)
    assert sla.verdicts() == [("t", "first_reply", 1, "breached")]


def test_a_ticket_an_agent_opened_owes_a_first_reply_only_when_the_customer_writes() -> None:
    sla = desk().open_by_agent().reply().later(HOUR)
    assert sla.story("first_reply") == []
    sla.write().later(MINUTE).reply()
    assert sla.story("first_reply") == ["started", "met"]


def test_at_the_latest_after_the_wall_limit_however_long_the_office_is_closed() -> None:
    shipped = policy("", "office")
    friday = MONDAY + 4 * DAY + 7 * HOUR + 30 * MINUTE
    sla = Sla(friday).policy(shipped).open()
    assert sla.due("first_reply") == friday + DAY
    assert sla.later(3 * DAY).said(TargetBreached)[0].due_at == friday + DAY


def test_within_office_hours_the_hour_counts() -> None:
    late = MONDAY + 7 * HOUR + 30 * MINUTE
    sla = Sla(late).policy(policy("", "office")).open()
    assert sla.due("first_reply") == MONDAY + DAY + 30 * MINUTE


def test_a_verdicts_id_is_that_of_the_cycle_whatever_it_says() -> None:
    in_time, late = desk().open().reply(), desk().open().later(DAY)
    assert in_time.said(TargetMet)[0].verdict == late.said(TargetBreached)[0].verdict == named_id("t", "first_reply", 1)


def test_a_message_that_claims_to_come_from_the_future_counts_from_now() -> None:
    sla = desk().open(since=MONDAY + HOUR)
    assert sla.clock("first_reply").wait == MONDAY
