"""Keeping the customer informed, and what an agent said they would do."""

import pytest

from shared.catalogue.facts import TargetBreached, TargetCancelled, TargetMet, TargetStarted
from shared.catalogue.values import TaskPurpose
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Status
from tests.unit.sla.driving import Sla
from tests.unit.sla.policies import MONDAY, policy

UPDATES = policy("sla:\n  - id: one\n    targets: {update: {within: 4h}}\n")
TEN = MONDAY + DAY + HOUR
"""Tomorrow at ten."""


def informed() -> Sla:
    return Sla(MONDAY).policy(UPDATES).open().turn(Status.OPEN).later(HOUR).reply()


def promised() -> Sla:
    return Sla(MONDAY).policy(UPDATES).open().later(HOUR).promise("call", TEN)


def test_an_update_is_owed_from_the_moment_a_person_has_answered() -> None:
    (started,) = informed().said(TargetStarted)
    assert (started.target, started.due_at) == ("update", MONDAY + 5 * HOUR)


def test_every_reply_keeps_it_and_owes_the_next_one() -> None:
    sla = informed().later(3 * HOUR).reply().later(3 * HOUR).reply()
    assert sla.story("update") == ["started", "met", "started", "met", "started"]
    assert sla.clock("update").cycle == 3


def test_it_runs_on_hold_but_not_in_pending() -> None:
    sla = informed().turn(Status.PENDING).later(DAY).turn(Status.ON_HOLD).later(5 * HOUR)
    assert sla.story("update") == ["started", "paused", "resumed", "breached"]


def test_late_once_until_somebody_writes_again() -> None:
    sla = informed().later(DAY).later(DAY).reply().later(HOUR)
    assert sla.story("update") == ["started", "breached", "started"]


def test_a_resolved_ticket_owes_no_update() -> None:
    sla = informed().turn(Status.RESOLVED)
    assert sla.said(TargetCancelled)[0].cause == "resolved"


def test_an_update_that_never_arrived_was_none() -> None:
    sla = Sla(MONDAY).policy(UPDATES).open().turn(Status.OPEN).reply(message="lost").bounce("lost")
    assert sla.story("update") == ["started", "cancelled"]


def test_a_promise_is_due_when_the_agent_said() -> None:
    (started,) = promised().said(TargetStarted)
    assert (started.target, started.cycle, started.due_at, started.budget) == ("promise", 1, TEN, DAY)
    assert started.calendar is None


def test_done_in_time_it_is_kept() -> None:
    sla = promised().at(TEN).complete("call")
    assert sla.verdicts() == [("t", "promise", 1, "met")]
    assert sla.said(TargetMet)[0].stopped_at == TEN


def test_a_millisecond_late_it_is_broken_and_done_afterwards_it_stays_so() -> None:
    sla = promised().silently(TEN + 1).complete("call")
    assert sla.verdicts() == [("t", "promise", 1, "breached")]
    assert sla.said(TargetBreached)[0].due_at == TEN


def test_several_promises_run_beside_each_other() -> None:
    sla = promised().promise("send papers", TEN + HOUR).later(HOUR).complete("send papers").at(TEN + DAY)
    assert sla.verdicts() == [("t", "promise", 2, "met"), ("t", "promise", 1, "breached")]


def test_two_promises_for_the_same_minute_are_broken_one_after_the_other() -> None:
    sla = promised().promise("send papers", TEN).at(TEN + 1)
    assert sla.verdicts() == [("t", "promise", 1, "breached"), ("t", "promise", 2, "breached")]


def test_it_pauses_for_nothing_and_outlives_a_resolution() -> None:
    sla = promised().turn(Status.PENDING).turn(Status.ON_HOLD).turn(Status.RESOLVED).at(TEN + 1)
    assert sla.story("promise") == ["started", "breached"]


def test_a_task_on_no_ticket_is_no_promise_to_a_customer() -> None:
    sla = Sla(MONDAY).policy(UPDATES).promise("tidy up", TEN, ticket=None).complete("tidy up", ticket=None)
    assert sla.facts == []


def test_a_call_back_at_a_time_is_promised_too() -> None:
    sla = Sla(MONDAY).policy(UPDATES).open().promise("call", TEN, purpose="call_back").at(TEN + 1)
    assert sla.verdicts() == [("t", "promise", 1, "breached")]


@pytest.mark.parametrize("purpose", ["follow_up", "low_score"])
def test_what_the_desk_wants_done_for_itself_is_promised_to_nobody(purpose: TaskPurpose) -> None:
    sla = promised().promise("look into it", TEN - HOUR, purpose=purpose).complete("look into it").at(TEN + 1)
    assert sla.verdicts() == [("t", "promise", 1, "breached")]


def test_a_closed_ticket_keeps_no_promise_open() -> None:
    sla = promised().turn(Status.CLOSED)
    assert sla.verdicts() == [("t", "promise", 1, "cancelled")]
    assert sla.complete("call").wanted is None


def test_spam_is_promised_nothing_until_it_turns_out_to_be_none() -> None:
    sla = promised().spam(spam=True)
    assert sla.promise("another", TEN).story("promise") == ["started", "cancelled"]
    sla.complete("another").spam(spam=False).at(TEN).complete("call")
    assert sla.verdicts()[1:] == [("t", "promise", 2, "met")]


def test_a_promise_goes_with_its_ticket_into_another_and_is_kept_there() -> None:
    sla = promised().open("host").merge("t", "host")
    assert sla.verdicts() == [("t", "promise", 1, "cancelled")]
    assert sla.said(TargetCancelled)[0].cause == "merged"
    assert sla.said(TargetStarted, "promise", "host")[0].due_at == TEN
    sla.later(MINUTE).complete("call", ticket="t")
    assert sla.verdicts()[1:] == [("host", "promise", 1, "met")]


def test_it_stays_with_the_host_when_the_merge_is_taken_back() -> None:
    sla = promised().open("host").merge("t", "host").unmerge("t", "host").complete("call", ticket="t")
    assert sla.verdicts()[1:] == [("host", "promise", 1, "met")]


@pytest.mark.parametrize("taken_back", ["first", "second", "both"])
def test_it_is_kept_wherever_several_merges_brought_it(taken_back: str) -> None:
    sla = promised().open("host").open("last").merge("t", "host").merge("host", "last")
    if taken_back != "first":
        sla.unmerge("host", "last")
    if taken_back != "second":
        sla.unmerge("t", "host")
    assert sla.complete("call", ticket="t").verdicts()[-1] == ("last", "promise", 1, "met")


def test_two_tickets_merged_either_way_round_are_looked_through_once() -> None:
    sla = promised().open("host").merge("t", "host").unmerge("t", "host").merge("host", "t")
    assert sla.complete("call", ticket="host").verdicts()[-1] == ("t", "promise", 2, "met")
    assert sla.complete("unknown", ticket="host").verdicts()[-1] == ("t", "promise", 2, "met")


def test_more_promises_than_anybody_can_keep_have_no_clock() -> None:
    sla = promised()
    for number in range(30):
        sla.promise(f"task {number}", TEN)
    assert len(sla.said(TargetStarted)) == 20
    assert sla.turn(Status.CLOSED).slices[-1] == 20
