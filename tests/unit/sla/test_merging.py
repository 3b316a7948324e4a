"""Tickets that become one, are taken apart again, or split: earliest start, strictest clock, no wait lost or doubled."""

from typing import Any

import pytest

from shared.catalogue.facts import TargetCancelled, TargetReplanned, TargetStarted
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Priority, Status
from tests.unit.sla.driving import Sla
from tests.unit.sla.policies import MONDAY, plain, policy

TERMS = policy("""\
sla:
  - id: urgent
    when: {priority: urgent}
    targets: {first_reply: {within: 20m}, next_reply: {within: 20m}, resolution: {within: 2h}}
  - id: usual
    targets: {first_reply: {within: 1h}, next_reply: {within: 1h}, resolution: {within: 8h}}
""")


def two(**fields: Any) -> Sla:
    """`early` at nine, `host` ten minutes later."""
    return Sla(MONDAY).policy(TERMS).open("early", **fields).later(10 * MINUTE).open("host").later(5 * MINUTE)


def joined(sla: Sla, order: str) -> Sla:
    """The merge as its facts may come."""
    if order == "moved first":
        return sla.move("early-talk", "host", "early").merge("early", "host")
    if order == "closed first":
        return (
            sla.turn(Status.CLOSED, "early", cause="merged").merge("early", "host").move("early-talk", "host", "early")
        )
    return sla.merge("early", "host").move("early-talk", "host", "early").turn(Status.CLOSED, "early", cause="merged")


ORDERS = ("merged first", "moved first", "closed first")


@pytest.mark.parametrize("order", ORDERS)
def test_the_merged_tickets_targets_are_cancelled_and_nothing_starts_there_again(order: str) -> None:
    sla = joined(two(), order)
    gone = sla.said(TargetCancelled, ticket="early")
    assert {(fact.target, fact.cause) for fact in gone} == {("first_reply", "merged"), ("resolution", "merged")}
    assert sla.later(DAY).story("first_reply", "early") == ["started", "cancelled"]


@pytest.mark.parametrize("order", ORDERS)
def test_the_host_waits_since_the_earliest_message(order: str) -> None:
    sla = joined(two(), order)
    assert sla.clock("first_reply", "host").wait == MONDAY
    assert sla.due("first_reply", "host") == MONDAY + HOUR
    assert sla.said(TargetReplanned, "first_reply", "host")[-1].cause == "merged"


@pytest.mark.parametrize("order", ORDERS)
def test_the_strictest_deadline_holds(order: str) -> None:
    sla = joined(two(priority=Priority.URGENT), order)
    assert sla.due("first_reply", "host") == MONDAY + 20 * MINUTE
    assert sla.due("resolution", "host") == MONDAY + 2 * HOUR


@pytest.mark.parametrize("order", ORDERS)
def test_a_host_with_the_stricter_clock_keeps_it(order: str) -> None:
    sla = Sla(MONDAY).policy(TERMS).open("early").later(10 * MINUTE).open("host", priority=Priority.URGENT)
    joined(sla, order)
    assert sla.due("first_reply", "host") == MONDAY + 20 * MINUTE
    assert sla.due("resolution", "host") == MONDAY + 130 * MINUTE


@pytest.mark.parametrize("order", ORDERS)
def test_one_reply_answers_both(order: str) -> None:
    sla = joined(two(), order).reply("host").later(DAY)
    assert [verdict for verdict in sla.verdicts() if verdict[1] == "first_reply"] == [
        ("early", "first_reply", 1, "cancelled"),
        ("host", "first_reply", 1, "met"),
    ]


@pytest.mark.parametrize("order", ORDERS)
def test_an_unanswered_message_is_the_next_replys_where_the_host_was_answered(order: str) -> None:
    sla = joined(two(priority=Priority.URGENT).reply("host"), order)
    started = sla.said(TargetStarted, "next_reply", "host")[-1]
    assert started.started_at == MONDAY
    assert sla.due("next_reply", "host") == MONDAY + 20 * MINUTE


def test_the_strict_deadline_survives_a_change_of_terms() -> None:
    sla = two(priority=Priority.URGENT).merge("early", "host").prioritise(Priority.HIGH, "host")
    assert sla.due("first_reply", "host") == MONDAY + 20 * MINUTE


def test_it_does_not_outlive_the_answer() -> None:
    sla = two(priority=Priority.URGENT).merge("early", "host").reply("host").later(HOUR).write("host")
    assert sla.due("next_reply", "host") == sla.now + HOUR


def test_what_was_late_in_the_merged_ticket_is_its_own_verdict() -> None:
    sla = two().silently(MONDAY + HOUR + 1).merge("early", "host")
    assert ("early", "first_reply", 1, "breached") in sla.verdicts()
    assert sla.story("first_reply", "early") == ["started", "breached"]


def test_a_paused_host_has_no_more_left_than_the_merged_ticket_had() -> None:
    sla = two().reply("host").turn(Status.PENDING, "host").reply("early").at(MONDAY + 5 * HOUR).merge("early", "host")
    moved = sla.said(TargetReplanned, "resolution", "host")[-1]
    assert (moved.elapsed, moved.due_at) == (5 * HOUR, None)


@pytest.mark.parametrize("order", ["unmerged first", "moved first"])
def test_taken_apart_again_each_owes_its_own(order: str) -> None:
    sla = two(priority=Priority.URGENT).merge("early", "host").move("early-talk", "host", "early").later(MINUTE)
    if order == "moved first":
        sla.move("early-talk", "early", "host").unmerge("early", "host")
    else:
        sla.unmerge("early", "host").move("early-talk", "early", "host")
    assert (sla.clock("first_reply", "early").wait, sla.clock("first_reply", "early").cycle) == (MONDAY, 2)
    assert sla.due("first_reply", "early") == MONDAY + 20 * MINUTE
    assert sla.clock("first_reply", "host").wait == MONDAY + 10 * MINUTE
    assert sla.due("first_reply", "host") == MONDAY + 70 * MINUTE
    assert sla.clock("resolution", "early").elapsed == 15 * MINUTE


def test_what_was_answered_while_merged_is_not_owed_again() -> None:
    sla = two().merge("early", "host").move("early-talk", "host", "early").reply("host")
    sla.unmerge("early", "host").move("early-talk", "early", "host").later(DAY)
    assert sla.story("first_reply", "early") == ["started", "cancelled"]
    assert sla.story("first_reply", "host")[-1] == "met"


@pytest.mark.parametrize("order", ["unmerged first", "moved first"])
def test_what_was_answered_while_merged_had_its_first_reply(order: str) -> None:
    sla = joined(two(), "moved first").reply("host").write("host").reply("host")
    if order == "moved first":
        sla.move("early-talk", "early", "host").unmerge("early", "host")
    else:
        sla.unmerge("early", "host").move("early-talk", "early", "host")
    sla.later(HOUR).write("early")
    assert sla.story("first_reply", "early") == ["started", "cancelled"]
    assert sla.story("next_reply", "early") == ["started"]


def test_what_was_only_resolved_while_merged_still_owes_its_first_reply() -> None:
    sla = joined(two(), "moved first").turn(Status.RESOLVED, "host")
    sla.unmerge("early", "host").move("early-talk", "early", "host").later(HOUR).write("early")
    assert sla.story("first_reply", "early") == ["started", "cancelled", "started"]


def test_what_was_answered_further_along_a_chain_of_merges_had_its_first_reply() -> None:
    sla = two().open("last").move("early-talk", "host", "early").merge("early", "host")
    sla.move("early-talk", "last", "host").move("host-talk", "last", "host").merge("host", "last").reply("last")
    sla.unmerge("early", "host").move("early-talk", "early", "last").later(HOUR).write("early")
    assert sla.story("next_reply", "early") == ["started"]


def test_what_moved_back_unanswered_is_not_taken_for_answered_later() -> None:
    sla = joined(two().open("last").reply("last"), "moved first").unmerge("early", "host")
    sla.move("early-talk", "early", "host").write("host", message="again")
    sla.move("host-talk", "last", "host").merge("host", "last")
    sla.unmerge("host", "last").move("host-talk", "host", "last")
    assert sla.clock("first_reply", "host").open


def test_a_host_that_owed_nothing_owes_nothing_when_the_borrowed_wait_leaves() -> None:
    sla = two().reply("host").merge("early", "host").move("early-talk", "host", "early")
    assert sla.clock("next_reply", "host").open
    sla.unmerge("early", "host").move("early-talk", "early", "host")
    assert sla.said(TargetCancelled, "next_reply", "host")[0].cause == "unmerged"
    assert sla.clock("first_reply", "early").wait == MONDAY


@pytest.mark.parametrize("named", ["early", "host"])
def test_a_reply_lost_before_the_merge_is_owed_by_the_host(named: str) -> None:
    sla = two().reply("early", message="lost").reply("host").merge("early", "host").later(MINUTE).bounce("lost", named)
    assert sla.story("next_reply", "host") == ["started"]
    assert sla.clock("next_reply", "host").wait == MONDAY
    assert sla.later(MINUTE).reply("host").verdicts()[-1] == ("host", "next_reply", 1, "met")


def test_a_late_host_is_judged_before_a_fact_about_what_it_absorbed() -> None:
    sla = two().reply("early", message="lost").merge("early", "host")
    for number in range(100):
        sla.open(f"other{number}", since=MONDAY)
    sla.silently(MONDAY + DAY).bounce("lost", "early")
    assert ("host", "first_reply", 1, "breached") in sla.verdicts()
    assert sla.clock("first_reply", "host").wait == MONDAY + 10 * MINUTE


def test_taken_out_of_a_chain_of_merges_it_leaves_the_last_host_without_its_wait() -> None:
    sla = two().open("last").reply("last").reply("host")
    sla.move("early-talk", "host", "early").merge("early", "host")
    sla.move("early-talk", "last", "host").move("host-talk", "last", "host").merge("host", "last").later(MINUTE)
    assert sla.clock("next_reply", "last").wait == MONDAY
    sla.unmerge("early", "host").move("early-talk", "early", "last").later(DAY)
    assert sla.story("next_reply", "last") == ["started", "cancelled"]
    assert sla.verdicts().count(("early", "first_reply", 2, "breached")) == 1


def test_once_parted_they_may_be_merged_the_other_way_round() -> None:
    sla = two().merge("early", "host").unmerge("early", "host").move("early-talk", "early", "host").later(MINUTE)
    sla.move("host-talk", "early", "host").merge("host", "early")
    assert {fact.cause for fact in sla.said(TargetCancelled, ticket="host")} == {"merged"}
    assert sla.clock("first_reply", "early").wait == MONDAY


def test_merged_tickets_are_forgotten_with_the_last_host() -> None:
    sla = two().open("last").merge("early", "host").merge("host", "last")
    assert sla.clock("first_reply", "last").wait == MONDAY
    sla.turn(Status.CLOSED, "last")
    assert len(sla.state.tickets) == 0


def test_a_merge_into_a_forgotten_ticket_still_ends_the_clocks() -> None:
    sla = two().turn(Status.CLOSED, "host").merge("early", "host")
    assert {fact.cause for fact in sla.said(TargetCancelled, ticket="early")} == {"merged"}


def split() -> Sla:
    """Two questions in one ticket, unanswered; the second becomes a ticket of its own."""
    sla = Sla(MONDAY).policy(plain("1h", "always", "next_reply")).open().later(10 * MINUTE).write(message="second")
    return sla.later(5 * MINUTE)


def test_a_split_off_message_takes_its_wait_along() -> None:
    sla = split().split("second", "new", "t", since=MONDAY + 10 * MINUTE)
    assert sla.due("first_reply", "new") == MONDAY + 70 * MINUTE
    assert sla.due("first_reply", "t") == MONDAY + HOUR


def test_without_its_oldest_message_the_ticket_waits_since_the_next_one() -> None:
    sla = split().split("m1", "new", "t", since=MONDAY)
    assert sla.due("first_reply", "new") == MONDAY + HOUR
    assert sla.due("first_reply", "t") == MONDAY + 70 * MINUTE
    assert sla.said(TargetReplanned)[0].cause == "split"


def test_a_message_answered_before_the_split_starts_no_clock() -> None:
    sla = split().reply().split("second", "new", "t", since=MONDAY + 10 * MINUTE).later(DAY)
    assert sla.story("first_reply", "new") == []


def test_a_ticket_left_without_questions_owes_no_reply() -> None:
    sla = split().reply().later(HOUR).write(message="third").split("third", "new", "t", since=MONDAY + 75 * MINUTE)
    assert sla.said(TargetCancelled, "next_reply")[0].cause == "split"
    assert sla.due("first_reply", "new") == MONDAY + 135 * MINUTE


def test_a_flood_of_messages_is_remembered_by_its_oldest() -> None:
    sla = split()
    for _ in range(200):
        sla.later(1).write()
    assert len(sla.state.tickets["t"].waits) == 64
    assert sla.clock("first_reply").wait == MONDAY


def test_facts_about_tickets_nobody_knows_say_nothing() -> None:
    sla = Sla(MONDAY).policy(TERMS).merge("a", "b").unmerge("a", "b").move("a-talk", "b", "a").spam(spam=True)
    sla.turn(Status.RESOLVED).route("night").prioritise(Priority.LOW).categorise("x").reply().write().bounce("m")
    assert sla.facts == []


def test_a_borrowed_deadline_long_past_is_due_when_the_host_first_promises_anything() -> None:
    rules = policy("""\
sla:
  - id: nothing
    when: {team: night}
    targets: {resolution: {within: 90h}}
  - id: usual
    targets: {first_reply: {within: 1h}}
""")
    sla = Sla(MONDAY).policy(rules).open("early").open("host", team="night").merge("early", "host").later(DAY)
    sla.route("front", "host")
    assert sla.due("first_reply", "host") == MONDAY + DAY
    assert sla.reply("host").verdicts()[-1] == ("host", "first_reply", 1, "met")
