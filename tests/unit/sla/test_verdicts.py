"""When what is late is said to be late, and how much of it at once."""

from itertools import pairwise

import pytest

from shared.catalogue.commands import EscalateTicket
from shared.catalogue.facts import CommandSettled, TargetBreached, TargetFact, TargetMet, TicketTagged
from shared.clock import DAY, HOUR, MINUTE, SECOND, Ms
from shared.policy.terms import Status
from tests.unit.sla.driving import DESK_ID, Sla, replayed, saved
from tests.unit.sla.policies import MONDAY, plain, policy
from tests.unit.steps import steps_of

DUE = MONDAY + HOUR


def crowd(size: int, *, apart: Ms = 0) -> Sla:
    sla = Sla(MONDAY).policy(plain())
    for number in range(size):
        sla.silently(MONDAY + number * apart).open(f"t{number:04}")
    return sla


def test_the_timer_asks_for_a_tick_one_millisecond_after_the_deadline() -> None:
    sla = crowd(1)
    assert sla.wanted == DUE + 1
    sla.at(DUE)
    assert sla.verdicts() == []
    sla.at(DUE + 1)
    assert sla.verdicts() == [("t0000", "first_reply", 1, "breached")]
    assert sla.facts[-1][0] == DUE + 1
    assert sla.wanted is None


def test_any_later_fact_brings_the_verdict_whatever_it_is_about() -> None:
    for fact in (
        TicketTagged(ticket="other", added=("x",)),
        CommandSettled(desk=DESK_ID, command="c", command_type="x", by="agent", outcome="done"),
    ):
        sla = crowd(1).silently(DUE).tell(fact)
        assert sla.verdicts() == []
        assert sla.silently(DUE + 1).tell(fact).verdicts() == [("t0000", "first_reply", 1, "breached")]


def test_the_verdict_comes_before_the_effect_of_the_fact_that_brings_it() -> None:
    sla = Sla(MONDAY).policy(plain("1h", "always", "resolution")).open().silently(DUE + 1).turn(Status.RESOLVED)
    assert [(fact[1], fact[3]) for fact in sla.verdicts()] == [("first_reply", "breached"), ("resolution", "breached")]


def test_an_early_tick_says_nothing() -> None:
    sla = crowd(1).silently(DUE).tick().tick()
    assert sla.facts[1:] == []


def test_a_late_tick_says_what_a_punctual_one_would_have_said() -> None:
    punctual, late = crowd(3, apart=MINUTE).at(DUE + DAY), crowd(3, apart=MINUTE).silently(DUE + DAY).tick()
    assert late.verdicts() == punctual.verdicts()
    assert [fact.due_at for fact in late.said(TargetBreached)] == [DUE, DUE + MINUTE, DUE + 2 * MINUTE]


def test_a_thousand_clocks_due_at_once_are_judged_in_slices_without_waiting_between() -> None:
    sla = crowd(1_000)
    ticks = len(sla.log)
    sla.at(DUE + 1)
    assert len(sla.verdicts()) == len(set(sla.verdicts())) == 1_000
    assert max(sla.slices) <= 100
    assert len(sla.log) - ticks <= 13
    assert sla.now == DUE + 1
    assert sla.wanted is None


def test_every_slice_wants_its_own_tick_even_within_one_millisecond() -> None:
    sla = crowd(300).silently(DUE + SECOND)
    asked = []
    while sla.tick().wanted is not None:
        asked.append(sla.wanted)
    assert len(asked) == 3
    assert all(wanted is not None and wanted <= sla.now for wanted in asked)
    assert all(one != other for one, other in pairwise(asked))


def test_a_crowd_is_judged_in_the_order_of_its_deadlines() -> None:
    sla = Sla(MONDAY).policy(plain("1h", "always", "resolution"))
    for number in range(200):
        sla.open(f"t{number}", since=MONDAY - (number * 7919 % 200) * SECOND)
    sla.silently(MONDAY + 2 * HOUR)
    while sla.tick().wanted:
        pass
    dues = [fact.due_at for fact in sla.said(TargetBreached)]
    assert len(dues) == 400
    assert dues == sorted(dues)


def test_who_answers_too_late_is_late_although_hundreds_wait_to_be_judged_before() -> None:
    sla = crowd(500).silently(DUE + 1).reply("t0499")
    assert ("t0499", "first_reply", 1, "breached") in sla.verdicts()
    assert sla.slices[-1] <= 100
    sla.later(0)
    assert {outcome for *_, outcome in sla.verdicts()} == {"breached"}
    assert len(sla.verdicts()) == 500


def test_a_backlog_is_worked_off_by_other_facts_too() -> None:
    sla = crowd(100).silently(DUE + 1)
    for _ in range(4):
        sla.tell(TicketTagged(ticket="other"))
    assert len(sla.verdicts()) == 100


def test_facts_carry_the_time_of_what_brought_them_and_dense_numbers() -> None:
    sla = Sla(MONDAY).policy(policy()).open().at(MONDAY + 40 * MINUTE).reply().at(MONDAY + DAY)
    assert [
        dict(output.headers)["ce_sequence"] for output in sla.outputs if b"target" in dict(output.headers)["ce_type"]
    ] == [b"%d" % number for number in range(1, len(sla.facts) + 1)]
    assert sla.said(TargetMet)[0].stopped_at == MONDAY + 40 * MINUTE
    assert all(isinstance(fact, TargetFact) for _, fact in sla.facts)


def test_two_runs_over_one_log_say_the_same_bytes() -> None:
    sla = Sla(MONDAY).policy(policy()).open().at(MONDAY + 40 * MINUTE).reply().at(MONDAY + DAY)
    assert list(replayed(sla.log)) == sla.outputs


def test_a_restart_goes_on_where_the_backlog_was() -> None:
    sla = crowd(250).silently(DUE + 1).tick()
    sla.fold = saved(sla.fold)
    assert len(sla.later(0).verdicts()) == 250


def test_a_repeated_fact_is_none() -> None:
    sla = crowd(1).reply("t0000")
    before = len(sla.facts)
    sla.take(sla.log[-1])
    assert len(sla.facts) == before


def test_nothing_is_promised_before_a_policy_is_applied() -> None:
    sla = Sla(MONDAY).open().later(DAY).reply()
    assert (sla.facts, sla.wanted) == ([], None)


@pytest.mark.slow
def test_clocks_set_anew_over_and_over_do_not_fill_the_memory() -> None:
    sla = Sla(MONDAY).policy(plain("8h", "always", "resolution")).open("a").reply("a").open("b").reply("b")
    for number in range(6_000):
        sla.silently(MONDAY + number).turn(Status.PENDING if number // 2 % 2 else Status.OPEN, "ab"[number % 2])
    assert len(sla.state._heap) <= 1_030
    sla.turn(Status.OPEN, "a").turn(Status.OPEN, "b").at(MONDAY + DAY)
    assert [verdict[3] for verdict in sla.verdicts()[-2:]] == ["breached", "breached"]


def test_a_first_message_that_tightens_the_timer_leaves_nothing_behind() -> None:
    sla = Sla(MONDAY).policy(policy())
    for number in range(100):
        sla.silently(MONDAY + number).open(f"t{number}")
    assert len(sla.state._heap) == 100


def test_warnings_that_come_too_late_are_passed_over_a_slice_at_a_time() -> None:
    sla = Sla(MONDAY).policy(policy())
    for number in range(700):
        sla.open(f"t{number}")
    sla.silently(MONDAY + 30 * DAY).tick()
    assert sla.state.visits == 500
    assert sla.wanted is not None
    assert sla.wanted <= sla.now
    assert len(sla.later(0).verdicts()) == 1_400


def test_the_next_timer_costs_the_same_for_ten_and_for_a_thousand_clocks() -> None:
    few, many = crowd(10, apart=1), crowd(1_000, apart=1)
    assert steps_of(many.fold.timers) <= steps_of(few.fold.timers) + 20


def test_one_fact_costs_about_the_same_beside_ten_and_beside_a_thousand_clocks() -> None:
    few, many = crowd(10, apart=1), crowd(1_000, apart=1)
    assert steps_of(lambda: many.reply("t0005")) <= 2 * steps_of(lambda: few.reply("t0005"))


def test_asked_commands_come_after_the_facts_they_accompany() -> None:
    sla = Sla(MONDAY).policy(policy()).open().at(DUE + 1)
    assert all(isinstance(command, EscalateTicket) for _, command in sla.asked)
    assert len({command_id for command_id, _ in sla.asked}) == len(sla.asked) == 3
