"""Before it is too late, and when it is: who hears of it, and what is asked of the desk."""

from shared.catalogue.facts import TargetWarned
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Priority, Status
from tests.unit.sla.driving import Sla, replayed
from tests.unit.sla.policies import MONDAY, policy


def desk(calendar: str = "always") -> Sla:
    return Sla(MONDAY).policy(policy(calendar=calendar))


WARNED = """\
sla:
  - id: one
    when: {priority: normal}
    targets: {first_reply: {within: 1h, at_latest: 10h}, resolution: {within: 8h}}
    warnings:
      - {share: "50%", to: owner}
      - {before: 10m, to: lead}
  - id: two
    targets: {first_reply: {within: 4h}, resolution: {within: 32h}}
    warnings:
      - {share: "50%", to: owner}
"""


def warned(calendar: str = "always") -> Sla:
    return Sla(MONDAY).policy(policy(WARNED, calendar))


def test_each_warning_comes_once_at_its_moment_and_says_who_should_hear() -> None:
    sla = desk().open().at(MONDAY + HOUR)
    warnings = sla.said(TargetWarned, "first_reply")
    assert [(fact.warning, fact.notify, fact.due_at) for fact in warnings] == [
        (0, ("owner",), MONDAY + HOUR),
        (1, ("owner", "lead"), MONDAY + HOUR),
    ]
    times = [time for time, fact in sla.facts if isinstance(fact, TargetWarned)]
    assert times == [MONDAY + 45 * MINUTE + 1, MONDAY + 55 * MINUTE + 1]


def test_a_warning_that_names_targets_is_about_those_alone() -> None:
    sla = desk().open().reply().at(MONDAY + 8 * HOUR)
    assert [fact.warning for fact in sla.said(TargetWarned, "resolution")] == [0]


def test_who_answers_before_is_not_warned() -> None:
    assert desk().open().later(44 * MINUTE).reply().at(MONDAY + 2 * HOUR).said(TargetWarned) == []


def test_a_warning_for_what_is_late_already_would_be_noise() -> None:
    sla = desk().open().silently(MONDAY + DAY).tick()
    assert sla.said(TargetWarned) == []
    assert len(sla.verdicts()) == 2


def test_warnings_know_office_hours() -> None:
    sla = warned("office").at(MONDAY + 7 * HOUR + 40 * MINUTE).open().at(MONDAY + 7 * HOUR + 50 * MINUTE)
    assert sla.said(TargetWarned) == []
    sla.at(MONDAY + DAY + 40 * MINUTE)
    assert [fact.warning for fact in sla.said(TargetWarned, "first_reply")] == [0, 1]


def test_before_a_wall_limit_it_is_a_share_of_the_way_to_it() -> None:
    closing = MONDAY + 8 * HOUR
    sla = warned("office").at(closing).open()
    assert sla.due("first_reply") == closing + 10 * HOUR
    sla.at(closing + 11 * HOUR)
    times = [time - closing for time, fact in sla.facts if isinstance(fact, TargetWarned)]
    assert times == [5 * HOUR + 1, 10 * HOUR - 10 * MINUTE + 1]


def test_a_new_cycle_warns_anew() -> None:
    sla = desk().open().reply().later(HOUR).write().later(100 * MINUTE).reply().write().later(100 * MINUTE)
    assert [fact.cycle for fact in sla.said(TargetWarned, "next_reply")] == [1, 2]


def test_a_paused_clock_warns_nobody_and_not_twice_when_it_runs_again() -> None:
    sla = warned().open().reply().at(MONDAY + 5 * HOUR).turn(Status.PENDING).later(DAY).write().turn(Status.OPEN)
    sla.later(2 * HOUR).reply()
    assert [fact.warning for fact in sla.said(TargetWarned, "resolution")] == [0]
    sla.later(HOUR)
    assert [fact.warning for fact in sla.said(TargetWarned, "resolution")] == [0, 1]


def test_a_warning_whose_moment_lies_ahead_again_is_armed_again() -> None:
    sla = warned().open().at(MONDAY + 40 * MINUTE).prioritise(Priority.LOW)
    assert sla.due("first_reply") == MONDAY + 4 * HOUR
    sla.at(MONDAY + 3 * HOUR)
    assert [fact.due_at for fact in sla.said(TargetWarned, "first_reply")] == [MONDAY + HOUR, MONDAY + 4 * HOUR]


def test_one_that_came_before_the_change_and_would_have_come_by_now_stays_said() -> None:
    sla = warned().open().at(MONDAY + 40 * MINUTE).prioritise(Priority.LOW).prioritise(Priority.NORMAL)
    sla.at(MONDAY + HOUR)
    assert [fact.warning for fact in sla.said(TargetWarned, "first_reply")] == [0, 0, 1]


def test_a_shorter_promise_warns_at_once_when_its_moment_is_past() -> None:
    sla = warned().open(priority=Priority.LOW).at(MONDAY + 55 * MINUTE).prioritise(Priority.NORMAL).later(1)
    assert [fact.warning for fact in sla.said(TargetWarned, "first_reply")] == [0, 1]


def test_a_warning_asks_for_what_the_policy_says_of_warnings() -> None:
    sla = desk().open().at(MONDAY + 50 * MINUTE)
    ((_, command),) = sla.asked
    assert (command.ticket, command.target, command.cycle, command.cause) == ("t", "first_reply", 1, "warning")
    assert (command.notify, command.raise_priority, command.raise_tier) == (("lead",), None, False)
    assert command.by.id == "sla"
    assert command.by.role == "system"


def test_a_breach_asks_for_the_next_higher_priority() -> None:
    sla = desk().open().at(MONDAY + HOUR + 1)
    (_, command) = sla.asked[-1]
    assert (command.cause, command.notify, command.raise_priority) == ("breach", ("lead", "team"), Priority.HIGH)


def test_what_is_urgent_already_is_raised_no_further() -> None:
    rules = policy("""\
sla:
  - id: one
    targets: {first_reply: {within: 1h}}
    escalations:
      - {on: breach, raise_priority: true}
      - {on: breach, raise_tier: true, team: night}
""")
    sla = Sla(MONDAY).policy(rules).open(priority=Priority.URGENT).at(MONDAY + HOUR + 1)
    ((_, command),) = sla.asked
    assert (command.raise_priority, command.raise_tier, command.to_team) == (None, True, "night")


def test_every_command_has_its_own_id_and_a_replay_the_same_ones() -> None:
    sla = desk().open().open("other").at(MONDAY + DAY)
    ids = [command_id for command_id, _ in sla.asked]
    assert len(set(ids)) == len(ids) == 8
    assert list(replayed(sla.log)) == sla.outputs


def test_a_broken_promise_of_an_agent_concerns_escalations_for_all_targets() -> None:
    rules = policy("""\
sla:
  - id: one
    targets: {resolution: {within: 90h}}
    warnings: [{before: 30m, to: lead}]
    escalations: [{on: breach, notify: lead}]
""")
    sla = Sla(MONDAY).policy(rules).open().promise("call", MONDAY + 2 * HOUR).at(MONDAY + 3 * HOUR)
    assert [(time - MONDAY, fact.target) for time, fact in sla.facts if isinstance(fact, TargetWarned)] == [
        (90 * MINUTE + 1, "promise")
    ]
    assert [(command.target, command.notify) for _, command in sla.asked] == [("promise", ("lead",))]
