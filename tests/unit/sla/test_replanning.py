"""New terms for running clocks: team, priority, category, policy. What has elapsed is kept."""

from collections.abc import Callable

import pytest

from shared.catalogue.facts import (
    TargetCancelled,
    TargetFact,
    TargetMet,
    TargetReplanned,
    TargetStarted,
)
from shared.clock import DAY, HOUR, MINUTE, SECOND, Ms
from shared.policy.calendar import ExceptionalDay
from shared.policy.policy import Policy
from shared.policy.terms import Priority, Status, TicketType
from tests.unit.sla.driving import Sla, replayed, saved
from tests.unit.sla.policies import MONDAY, plain, policy

BY_TRAIT = policy("""\
sla:
  - id: vip
    when: {priority: urgent}
    targets: {first_reply: {within: 30m}}
  - id: complaint
    when: {type: complaint}
    targets: {first_reply: {within: 40m}}
  - id: cards
    when: {category: cards}
    targets: {first_reply: {within: 20m}}
  - id: nobody
    when: {priority: low}
    targets: {resolution: {within: 9h}}
  - id: usual
    targets: {first_reply: {within: 1h}}
""")


def desk(rules: Policy = BY_TRAIT) -> Sla:
    return Sla(MONDAY).policy(rules)


@pytest.mark.parametrize(
    ("change", "cause", "due"),
    [
        (lambda sla: sla.prioritise(Priority.URGENT), "priority", 30 * MINUTE),
        (lambda sla: sla.categorise("general", TicketType.COMPLAINT), "category", 40 * MINUTE),
        (lambda sla: sla.categorise("cards/lost"), "category", 20 * MINUTE),
    ],
    ids=["priority", "type", "category"],
)
def test_other_terms_keep_what_has_elapsed(change: Callable[[Sla], Sla], cause: str, due: Ms) -> None:
    sla = desk().open().at(MONDAY + 15 * MINUTE)
    (moved,) = change(sla).said(TargetReplanned)
    assert (moved.former_due_at, moved.due_at, moved.elapsed) == (MONDAY + HOUR, MONDAY + due, 15 * MINUTE)
    assert (moved.cause, moved.budget) == (cause, due)
    assert sla.at(MONDAY + due + 1).verdicts() == [("t", "first_reply", 1, "breached")]


def test_what_has_used_up_the_new_terms_is_due_now_not_in_the_past() -> None:
    sla = desk().open().at(MONDAY + 45 * MINUTE).prioritise(Priority.URGENT)
    assert sla.due("first_reply") == MONDAY + 45 * MINUTE
    assert sla.reply().verdicts() == [("t", "first_reply", 1, "met")]


def test_what_was_late_before_the_change_stays_late() -> None:
    sla = desk().open(priority=Priority.URGENT).silently(MONDAY + 45 * MINUTE).prioritise(Priority.NORMAL)
    assert sla.story("first_reply") == ["started", "breached"]


def test_segments_count_in_the_calendar_then_in_force() -> None:
    rules = policy("sla:\n  - id: one\n    targets: {first_reply: {within: 4h}}\n", "office")
    sla = desk(rules).at(MONDAY + 7 * HOUR).open().at(MONDAY + 9 * HOUR)
    sla.route("night")
    (moved,) = sla.said(TargetReplanned)
    assert (moved.elapsed, moved.calendar) == (HOUR, "always")
    assert moved.due_at == MONDAY + 12 * HOUR
    sla.at(MONDAY + 11 * HOUR).route("office")
    assert sla.due("first_reply") == MONDAY + DAY + HOUR
    assert sla.at(MONDAY + DAY + HOUR).reply().said(TargetMet)[0].elapsed == 4 * HOUR


def test_a_change_that_promises_the_same_says_nothing() -> None:
    sla = desk().open().later(MINUTE).prioritise(Priority.HIGH).categorise("loans").route("office").route("front")
    assert [fact.cause for fact in sla.said(TargetReplanned)] == ["team", "team"]
    sla.prioritise(Priority.HIGH)
    assert len(sla.facts) == 3


def test_what_is_no_longer_promised_is_cancelled_and_what_is_new_counts_from_now() -> None:
    sla = desk().open().at(MONDAY + 20 * MINUTE).prioritise(Priority.LOW)
    assert sla.said(TargetCancelled)[0].cause == "no_policy"
    (_, started) = sla.said(TargetStarted)
    assert (started.target, started.started_at, started.due_at) == (
        "resolution", MONDAY + 20 * MINUTE, MONDAY + 20 * MINUTE + 9 * HOUR,
    )  # fmt: skip


def test_promised_again_it_goes_on_with_what_had_elapsed() -> None:
    sla = desk().open().at(MONDAY + 20 * MINUTE).prioritise(Priority.LOW).later(DAY).prioritise(Priority.NORMAL)
    started = sla.said(TargetStarted, "first_reply")[-1]
    assert (started.cycle, started.due_at) == (2, sla.now + 40 * MINUTE)


def test_a_paused_clock_learns_its_new_terms_and_stays_paused() -> None:
    rules = policy("""\
sla:
  - id: urgent
    when: {priority: urgent}
    targets: {resolution: {within: 4h}}
  - id: usual
    targets: {resolution: {within: 8h}}
""")
    sla = desk(rules).open().later(HOUR).reply().turn(Status.PENDING).later(DAY).prioritise(Priority.URGENT)
    (moved,) = sla.said(TargetReplanned)
    assert (moved.former_due_at, moved.due_at, moved.elapsed, moved.budget) == (None, None, HOUR, 4 * HOUR)
    assert sla.later(DAY).write().due("resolution") == sla.now + 3 * HOUR


def crowd(size: int, rules: Policy) -> Sla:
    sla = desk(rules)
    for number in range(size):
        sla.open(f"t{number:03}")
    return sla


def test_a_new_policy_replans_all_open_targets_a_slice_per_tick() -> None:
    sla = crowd(350, plain("1h")).at(MONDAY + 30 * MINUTE)
    sla.policy(plain("2h"), 2)
    assert sla.said(TargetReplanned) == []
    sla.later(0)
    moved = sla.said(TargetReplanned)
    assert [fact.ticket for fact in moved] == [f"t{number:03}" for number in range(350)]
    assert {(fact.due_at, fact.policy_version, fact.cause) for fact in moved} == {(MONDAY + 2 * HOUR, 2, "policy")}
    assert max(sla.slices) <= 100
    assert sla.wanted == MONDAY + 2 * HOUR + 1
    assert list(sla.state.promises) == [2]
    assert len(sla.state.editions) == 1


def test_while_the_sweep_is_under_way_the_new_terms_hold_for_everybody() -> None:
    sla = crowd(300, plain("1h")).silently(MONDAY + 30 * MINUTE).policy(plain("2h"), 2)
    sla.silently(MONDAY + 90 * MINUTE).reply("t299")
    assert sla.verdicts() == [("t299", "first_reply", 1, "met")]
    sla.later(0)
    assert len(sla.verdicts()) == 1
    assert sla.at(MONDAY + 3 * HOUR).verdicts().count(("t000", "first_reply", 1, "breached")) == 1


def test_shorter_terms_hold_from_when_they_came_although_the_sweep_comes_later() -> None:
    sla = crowd(1, plain("8h")).silently(MONDAY + HOUR).policy(plain("2h"), 2)
    sla.silently(MONDAY + 3 * HOUR).reply("t000")
    assert sla.verdicts() == [("t000", "first_reply", 1, "breached")]
    assert sla.said(TargetReplanned)[0].due_at == MONDAY + 2 * HOUR


def test_what_was_late_before_the_policy_came_is_late_even_if_it_allows_more() -> None:
    sla = crowd(200, plain("1h")).silently(MONDAY + HOUR + 1).policy(plain("9h"), 2).later(0)
    assert len(sla.verdicts()) == 200


def test_policies_in_quick_succession_each_count_their_own_segment() -> None:
    sla = crowd(1, plain("10h", "always")).silently(MONDAY + HOUR).policy(plain("10h", "never"), 2)
    sla.silently(MONDAY + 5 * HOUR).policy(plain("10h", "always"), 3)
    sla.silently(MONDAY + 6 * HOUR).later(0)
    assert sla.due("first_reply", "t000") == MONDAY + 14 * HOUR
    assert [fact.due_at for fact in sla.said(TargetReplanned)] == [None, MONDAY + 14 * HOUR]


@pytest.mark.slow
def test_of_a_flood_of_policies_a_ticket_hears_the_last_few() -> None:
    sla = crowd(2, plain("10h"))
    for version in range(2, 40):
        sla.silently(sla.now + SECOND).policy(plain(f"{10 + version}h"), version)
    sla.later(0)
    assert len(sla.said(TargetReplanned, ticket="t000")) == 3
    assert sla.due("first_reply", "t000") == MONDAY + 49 * HOUR
    assert len(sla.state.promises) == 1


def test_a_policy_that_promises_the_same_moves_nothing_but_the_version() -> None:
    sla = crowd(5, plain("1h")).policy(plain("1h"), 2)
    assert sla.wanted == MONDAY + HOUR + 1
    sla.open("later")
    assert [fact.policy_version for fact in sla.said(TargetStarted)] == [1] * 5 + [2]


def test_only_what_changes_is_said() -> None:
    office = "sla:\n  - {id: o, when: {team: office}, targets: {first_reply: {within: 2h}}}\n  - "
    usual = "{id: usual, targets: {first_reply: {within: 1h}}}\n"
    sla = desk(policy(office + usual)).open("a").open("b", team="office")
    sla.policy(policy(office.replace("2h", "3h") + usual), 2).later(0)
    assert [fact.ticket for fact in sla.said(TargetReplanned)] == ["b"]


def test_a_first_policy_promises_from_its_own_time_on() -> None:
    sla = Sla(MONDAY).open().later(2 * DAY).policy(plain("1h")).later(0)
    (started,) = sla.said(TargetStarted)
    assert (started.started_at, started.due_at) == (MONDAY + 2 * DAY, MONDAY + 2 * DAY + HOUR)
    assert sla.verdicts() == []


def test_a_ticket_opened_during_a_sweep_is_planned_with_the_new_policy_at_once() -> None:
    sla = crowd(200, plain("1h")).policy(plain("2h"), 2).open("new")
    assert sla.due("first_reply", "new") == MONDAY + 2 * HOUR
    assert sla.later(0).story("first_reply", "new") == ["started"]


def test_a_sweep_walks_over_the_gaps_closed_tickets_left() -> None:
    sla = crowd(600, plain("1h"))
    for number in range(500):
        sla.turn(Status.CLOSED, f"t{number:03}")
    sla.policy(plain("2h"), 2).later(0)
    assert len(sla.said(TargetReplanned)) == 100
    assert sla.state.sweep is None


def test_a_restart_in_the_middle_of_a_sweep_goes_on_with_the_same_words() -> None:
    sla = crowd(300, plain("1h")).silently(MONDAY + MINUTE).policy(plain("2h"), 2).tick()
    cut, said = len(sla.log), len(sla.outputs)
    again = saved(sla.fold)
    sla.tick().tick().tick().tick()
    assert list(replayed(sla.log[cut:], again)) == sla.outputs[said:]
    assert len(sla.said(TargetReplanned)) == 300


def test_a_calendar_moved_late_moves_deadlines_and_keeps_what_was_counted() -> None:
    """The moon is sighted: tomorrow is a holiday."""
    more = "sla:\n  - {id: usual, targets: {first_reply: {within: 4h}}}\n"
    sla = desk(policy(more, "office")).at(MONDAY + 6 * HOUR).open()
    assert sla.due("first_reply") == MONDAY + DAY + 2 * HOUR
    tomorrow = policy(more, "office").model_copy(update={"calendars": _closed_tomorrow(policy(more, "office"))})
    sla.later(HOUR).policy(tomorrow, 2).later(0)
    assert sla.said(TargetReplanned)[0].elapsed == HOUR
    assert sla.due("first_reply") == MONDAY + 2 * DAY + 2 * HOUR


def _closed_tomorrow(rules: Policy) -> dict[str, object]:
    office = rules.calendars["office"]
    holiday = ExceptionalDay(day=(MONDAY + DAY) // DAY, hours=())
    return {**rules.calendars, "office": office.model_copy(update={"exceptions": (holiday,)})}


def test_all_facts_are_about_targets() -> None:
    assert all(isinstance(fact, TargetFact) for _, fact in crowd(3, plain("1h")).policy(plain("2h"), 2).later(0).facts)


def test_a_wall_limit_that_has_passed_is_due_when_it_is_set_not_before() -> None:
    limit = "sla:\n  - id: usual\n    targets: {{first_reply: {{within: 8h, at_latest: {}}}}}\n"
    sla = desk(policy(limit.format("20h"), "office")).at(MONDAY + 7 * HOUR).open().at(MONDAY + 12 * HOUR)
    assert sla.due("first_reply") == MONDAY + 27 * HOUR
    sla.policy(policy(limit.format("3h"), "office"), 2).later(0)
    assert sla.due("first_reply") == MONDAY + 12 * HOUR
    assert sla.reply().verdicts() == [("t", "first_reply", 1, "met")]
