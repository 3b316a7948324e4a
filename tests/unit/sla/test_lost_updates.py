"""Replies that never arrive kept nobody informed: an update is owed since the customer last heard from a person."""

from shared.catalogue.facts import TargetBreached, TargetCancelled, TargetReplanned, TargetStarted
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Status
from tests.unit.sla.driving import Sla, saved
from tests.unit.sla.policies import MONDAY, plain, policy

UPDATES = policy("sla:\n  - id: one\n    targets: {update: {within: 4h}}\n")
DUE = MONDAY + 4 * HOUR + 30 * MINUTE


def informed() -> Sla:
    """A person answered half an hour after the customer wrote, and it arrived."""
    return Sla(MONDAY).policy(UPDATES).open().turn(Status.OPEN).later(HOUR // 2).reply(message="first")


def test_a_later_reply_that_is_lost_has_kept_nothing() -> None:
    sla = informed().later(2 * HOUR).reply(message="lost").later(MINUTE).bounce("lost")
    (moved,) = sla.said(TargetReplanned)
    assert (moved.cycle, moved.cause, moved.due_at) == (2, "delivery_failed", DUE)
    assert moved.elapsed == 2 * HOUR + MINUTE
    assert sla.at(DUE + 1).said(TargetBreached)[0].due_at == DUE


def test_a_lost_answer_to_another_question_leaves_the_update_owed_since_the_answer_before() -> None:
    sla = informed().later(HOUR).write().later(HOUR).reply(message="lost").later(MINUTE).bounce("lost")
    assert sla.due("update") == DUE
    assert sla.at(DUE + 1).said(TargetBreached)[0].due_at == DUE


def test_found_lost_after_the_deadline_it_leaves_no_time_at_all() -> None:
    sla = informed().later(2 * HOUR).reply(message="lost").later(3 * HOUR).bounce("lost")
    assert sla.due("update") == sla.now
    assert sla.later(1).story("update") == ["started", "met", "started", "replanned", "breached"]


def test_what_was_spent_waiting_for_the_customer_counts_neither_before_nor_after() -> None:
    sla = informed().later(HOUR).turn(Status.PENDING).later(3 * DAY).reply(message="lost").later(DAY)
    sla.bounce("lost").turn(Status.OPEN)
    assert sla.due("update") == sla.now + 3 * HOUR


def test_two_of_three_that_are_lost_in_any_order_leave_the_first() -> None:
    for order in (("second", "third"), ("third", "second")):
        sla = informed().later(HOUR).reply(message="second").later(HOUR).reply(message="third").later(HOUR)
        for message in order:
            sla.bounce(message)
        assert sla.due("update") == DUE


def test_one_that_is_lost_before_another_which_arrived_changes_nothing() -> None:
    sla = informed().later(HOUR).reply(message="lost").later(HOUR).reply()
    due = sla.due("update")
    assert (sla.bounce("lost").due("update"), sla.said(TargetReplanned)) == (due, [])


def test_late_is_told_once_also_when_the_reply_that_came_after_it_is_lost() -> None:
    for order in (("second", "third"), ("third", "second")):
        sla = informed().later(DAY).reply(message="second").later(HOUR).reply(message="third").later(HOUR)
        for message in order:
            sla.bounce(message)
        story = sla.later(DAY).story("update")
        assert (story[-1], story.count("breached"), story.count("started")) == ("cancelled", 1, 3)
        assert sla.said(TargetCancelled)[-1].cause == "delivery_failed"
        assert sla.reply(message="fourth").said(TargetStarted)[-1].due_at == sla.now + 4 * HOUR
        assert sla.bounce("fourth").bounce("first").later(DAY).story("update")[-2:] == ["started", "cancelled"]


def test_a_wait_that_is_late_already_stays_so_when_its_beginning_is_lost() -> None:
    sla = informed().later(HOUR).reply(message="lost").later(DAY).bounce("lost").later(DAY)
    assert sla.story("update") == ["started", "met", "started", "breached"]


def test_a_reopened_ticket_owes_it_since_the_reply_that_arrived_less_the_time_it_was_resolved() -> None:
    sla = informed().later(HOUR).reply(message="lost").turn(Status.RESOLVED).later(DAY).bounce("lost")
    assert sla.turn(Status.OPEN).due("update") == sla.now + 3 * HOUR


def test_a_word_after_resolving_that_is_lost_does_not_count_what_ran_twice() -> None:
    sla = informed().later(HOUR).turn(Status.RESOLVED).later(DAY).reply(message="lost").bounce("lost")
    assert sla.turn(Status.OPEN).due("update") == sla.now + 3 * HOUR


def test_nothing_counts_from_before_updates_were_promised() -> None:
    sla = Sla(MONDAY).policy(plain("1h")).open().reply().later(HOUR).policy(UPDATES, 2).tick()
    sla.later(HOUR).reply(message="lost").later(MINUTE).bounce("lost")
    assert sla.due("update") == MONDAY + 5 * HOUR


def test_taken_out_of_its_host_again_a_ticket_owes_the_update_since_what_arrived() -> None:
    sla = informed().later(HOUR).reply(message="lost").open("host").merge("t", "host").bounce("lost")
    assert sla.unmerge("t", "host").due("update") == sla.now + 3 * HOUR


def test_a_restart_forgets_no_reply() -> None:
    sla = informed().later(2 * HOUR).reply(message="lost")
    sla.fold = saved(sla.fold)
    assert sla.bounce("lost").due("update") == DUE
