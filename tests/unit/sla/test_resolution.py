"""Resolution: when it stands still, what a reopened ticket still owes."""

import pytest

from shared.catalogue.facts import TargetCancelled, TargetMet, TargetPaused, TargetResumed, TargetStarted
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.policy import Policy
from shared.policy.terms import Status
from tests.unit.sla.driving import Sla
from tests.unit.sla.policies import MONDAY, policy

RESOLUTION = """\
sla:
  - id: one
    targets: {{resolution: {{within: 8h}}}}
    pause_on_hold: {hold}
"""


def resolution(*, hold: bool = False, calendar: str = "always") -> Policy:
    return policy(RESOLUTION.format(hold=str(hold).lower()), calendar)


def desk(*, hold: bool = False, calendar: str = "always") -> Sla:
    return Sla(MONDAY).policy(resolution(hold=hold, calendar=calendar)).open()


def test_it_runs_from_the_first_message_to_resolved() -> None:
    sla = desk().later(3 * HOUR).reply().later(HOUR).turn(Status.RESOLVED)
    (met,) = sla.said(TargetMet)
    assert (met.elapsed, met.due_at) == (4 * HOUR, MONDAY + 8 * HOUR)


def test_pending_after_a_persons_reply_stops_it_and_the_customers_answer_starts_it_again() -> None:
    sla = desk().later(HOUR).reply().turn(Status.PENDING).later(2 * DAY).write()
    assert sla.said(TargetPaused)[0].elapsed == HOUR
    (resumed,) = sla.said(TargetResumed)
    assert (resumed.elapsed, resumed.due_at) == (HOUR, MONDAY + 2 * DAY + 8 * HOUR)
    assert sla.turn(Status.OPEN).story("resolution") == ["started", "paused", "resumed"]


def test_a_reply_sent_in_the_same_go_pauses_whichever_fact_comes_first() -> None:
    sla = desk().later(HOUR).turn(Status.PENDING)
    assert sla.story("resolution") == ["started"]
    assert sla.reply().story("resolution") == ["started", "paused"]


def test_pending_without_an_answer_to_the_customer_does_not_stop_it() -> None:
    sla = desk().later(HOUR).turn(Status.PENDING).later(DAY)
    assert sla.story("resolution") == ["started", "breached"]


def test_an_automatic_reply_is_no_reason_to_pause() -> None:
    assert desk().reply(automatic=True).turn(Status.PENDING).story("resolution") == ["started"]


def test_thanks_do_not_start_a_paused_clock() -> None:
    sla = desk().reply().turn(Status.PENDING).later(DAY).write(thanks=True)
    assert sla.story("resolution") == ["started", "paused"]


def test_a_reply_that_never_arrived_paused_nothing() -> None:
    sla = desk().reply(message="lost").turn(Status.PENDING).later(DAY).bounce("lost")
    assert sla.story("resolution") == ["started", "paused", "resumed"]


@pytest.mark.parametrize(("hold", "story"), [(True, ["started", "paused"]), (False, ["started", "breached"])])
def test_on_hold_pauses_where_the_policy_says_so(hold: bool, story: list[str]) -> None:
    sla = desk(hold=hold).reply().turn(Status.ON_HOLD).later(DAY)
    assert sla.story("resolution") == story


def test_from_one_pause_into_another_it_just_stands() -> None:
    sla = desk(hold=True).reply().turn(Status.PENDING).later(HOUR).turn(Status.ON_HOLD).later(HOUR).turn(Status.OPEN)
    assert sla.story("resolution") == ["started", "paused", "resumed"]
    assert sla.due("resolution") == MONDAY + 10 * HOUR


def test_resolved_while_pending_is_met() -> None:
    sla = desk().reply().turn(Status.PENDING).later(30 * DAY).turn(Status.RESOLVED)
    (met,) = sla.said(TargetMet)
    assert (met.elapsed, met.due_at) == (0, None)


def test_a_reopened_ticket_owes_the_same_resolution_with_what_remains() -> None:
    sla = desk().later(6 * HOUR).reply().turn(Status.RESOLVED).later(2 * DAY).write().turn(Status.OPEN)
    (_, again) = sla.said(TargetStarted)
    assert (again.cycle, again.started_at, again.budget) == (2, MONDAY, 8 * HOUR)
    assert again.due_at == sla.now + 2 * HOUR
    sla.later(HOUR).turn(Status.RESOLVED)
    assert [met.elapsed for met in sla.said(TargetMet)] == [6 * HOUR, 7 * HOUR]


def test_a_broken_resolution_is_broken_once() -> None:
    sla = desk().later(9 * HOUR).turn(Status.RESOLVED).later(HOUR).turn(Status.OPEN).later(DAY).turn(Status.RESOLVED)
    assert sla.verdicts() == [("t", "resolution", 1, "breached")]


def test_a_reopened_ticket_waiting_for_the_customer_starts_paused() -> None:
    sla = desk().reply().turn(Status.RESOLVED).later(HOUR).turn(Status.PENDING)
    assert sla.story("resolution") == ["started", "met", "started", "paused"]


def test_closing_without_resolving_keeps_nothing() -> None:
    sla = desk().turn(Status.CLOSED)
    assert sla.said(TargetCancelled)[0].cause == "closed"


def test_closing_after_resolving_says_nothing_more() -> None:
    assert desk().turn(Status.RESOLVED).turn(Status.CLOSED).verdicts() == [("t", "resolution", 1, "met")]


def test_pauses_are_counted_in_office_hours() -> None:
    sla = desk(calendar="office").at(MONDAY + 6 * HOUR).reply().turn(Status.PENDING)
    sla.at(MONDAY + DAY + 5 * HOUR).write()
    assert sla.due("resolution") == MONDAY + DAY + 7 * HOUR
    assert sla.at(MONDAY + 2 * DAY).verdicts() == [("t", "resolution", 1, "breached")]


def test_a_desk_that_never_opens_never_breaks_its_word() -> None:
    sla = desk(calendar="never")
    assert sla.due("resolution") is None
    assert sla.wanted is None
    assert sla.later(60 * DAY).reply().turn(Status.RESOLVED).said(TargetMet)[0].elapsed == 0


def test_spam_owes_nothing_and_a_ticket_that_was_none_goes_on_where_it_stood() -> None:
    sla = desk().later(2 * HOUR).spam(spam=True).later(DAY)
    assert sla.said(TargetCancelled)[0].cause == "spam"
    sla.spam(spam=False)
    assert sla.due("resolution") == sla.now + 6 * HOUR
    assert sla.clock("resolution").cycle == 2


def test_spam_keeps_no_customer_waiting_but_a_mistake_does() -> None:
    sla = Sla(MONDAY).policy(policy()).open().spam(spam=True).later(20 * MINUTE).spam(spam=False)
    assert sla.due("first_reply") == MONDAY + HOUR
