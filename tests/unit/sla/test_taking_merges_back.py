"""Several tickets live on in one, and leave it one by one: what is strictest of those still there holds, no less."""

import pytest

from shared.catalogue.facts import TargetBreached
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Priority, Status
from tests.unit.sla.driving import Sla, replayed, saved
from tests.unit.sla.policies import MONDAY, policy

TERMS = policy("""\
sla:
  - id: urgent
    when: {priority: urgent}
    targets: {first_reply: {within: 20m}, next_reply: {within: 20m}, resolution: {within: 2h}}
  - id: high
    when: {priority: high}
    targets: {first_reply: {within: 40m}, next_reply: {within: 40m}, resolution: {within: 4h}}
  - id: usual
    targets: {first_reply: {within: 1h}, next_reply: {within: 1h}, update: {within: 4h}, resolution: {within: 8h}}
""")
ORDERS = pytest.mark.parametrize("moved_first", [True, False])


def three() -> Sla:
    """`host`, then `urgent`, then `high`, a minute apart."""
    sla = Sla(MONDAY).policy(TERMS).open("host").later(MINUTE).open("urgent", priority=Priority.URGENT)
    return sla.later(MINUTE).open("high", priority=Priority.HIGH).later(MINUTE)


def join(sla: Sla, ticket: str, host: str = "host", *, moved_first: bool = True) -> Sla:
    if moved_first:
        return sla.move(f"{ticket}-talk", host, ticket).merge(ticket, host)
    return sla.merge(ticket, host).move(f"{ticket}-talk", host, ticket)


def part(sla: Sla, ticket: str, host: str = "host", *, moved_first: bool = True, home: str | None = None) -> Sla:
    """Taken out of `host`; its conversation is in `home` by now."""
    if moved_first:
        return sla.move(f"{ticket}-talk", ticket, home or host).unmerge(ticket, host)
    return sla.unmerge(ticket, host).move(f"{ticket}-talk", ticket, home or host)


def dues(sla: Sla, ticket: str = "host") -> tuple[int, int]:
    """Minutes after nine when the first reply and the resolution are due."""
    reply, resolution = sla.due("first_reply", ticket), sla.due("resolution", ticket)
    assert reply is not None
    assert resolution is not None
    return (reply - MONDAY) // MINUTE, (resolution - MONDAY) // MINUTE


@ORDERS
def test_the_strictest_deadline_holds_while_its_ticket_is_there(moved_first: bool) -> None:
    sla = three()
    for ticket in ("urgent", "high"):
        join(sla, ticket, moved_first=moved_first)
    assert dues(sla) == (21, 121)
    assert dues(part(sla.later(MINUTE), "high", moved_first=moved_first)) == (21, 121)
    assert dues(part(sla.later(MINUTE), "urgent", moved_first=moved_first)) == (60, 480)


@ORDERS
def test_then_the_next_strictest_does_also_where_it_came_later(moved_first: bool) -> None:
    sla = three()
    for ticket in ("urgent", "high"):
        join(sla, ticket, moved_first=moved_first)
    assert dues(part(sla.later(MINUTE), "urgent", moved_first=moved_first)) == (42, 242)
    assert dues(part(sla.later(MINUTE), "high", moved_first=moved_first)) == (60, 480)


def test_no_false_breach_is_left_behind() -> None:
    sla = part(join(three(), "urgent").later(MINUTE), "urgent").reply("host").at(MONDAY + 8 * HOUR)
    assert sla.turn(Status.RESOLVED, "host").said(TargetBreached, "resolution", "host") == []
    assert sla.clock("resolution", "host").elapsed == 8 * HOUR


@ORDERS
def test_in_a_chain_each_takes_its_own_along(moved_first: bool) -> None:
    sla = three().open("last").later(MINUTE)
    join(sla, "urgent", "high").move("urgent-talk", "last", "high")
    assert dues(join(sla, "high", "last"), "last") == (21, 121)
    part(sla.later(MINUTE), "urgent", "high", moved_first=moved_first, home="last")
    assert dues(sla, "last") == (42, 242)
    part(sla.later(MINUTE), "high", "last", moved_first=moved_first)
    assert (dues(sla, "high"), dues(sla, "last")) == ((42, 244), (63, 483))


def test_who_leaves_a_chain_with_what_it_absorbed_leaves_nothing_of_either() -> None:
    sla = three().open("last")
    join(sla, "urgent", "high").move("urgent-talk", "last", "high")
    join(sla, "high", "last").move("urgent-talk", "high", "last")
    part(sla, "high", "last")
    assert dues(sla, "last") == (63, 483)
    assert sla.due("first_reply", "high") == MONDAY + 21 * MINUTE


def test_a_deadline_answered_further_along_the_chain_does_not_come_back() -> None:
    sla = three().open("last")
    join(sla, "urgent", "high").move("urgent-talk", "last", "high")
    part(join(sla, "high", "last").reply("last"), "high", "last").later(DAY).write("high")
    assert sla.due("next_reply", "high") == sla.now + 40 * MINUTE


def test_resolved_meanwhile_it_goes_on_with_its_own_time_when_it_is_opened_again() -> None:
    sla = join(three(), "urgent").reply("host").turn(Status.RESOLVED, "host").later(HOUR)
    part(sla, "urgent").turn(Status.OPEN, "host")
    assert sla.clock("resolution", "host").elapsed == 3 * MINUTE


def test_a_paused_host_has_its_own_left_again() -> None:
    sla = join(three().reply("host").reply("urgent").turn(Status.PENDING, "host").later(HOUR), "urgent").later(MINUTE)
    assert sla.clock("resolution", "host").elapsed == 8 * HOUR - 58 * MINUTE
    part(sla, "urgent")
    assert (sla.clock("resolution", "host").elapsed, sla.due("resolution", "host")) == (3 * MINUTE, None)


def test_an_update_given_while_merged_starts_from_nothing_and_stays_so() -> None:
    sla = three().reply("host").reply("high").prioritise(Priority.NORMAL, "high").later(2 * HOUR).reply("host")
    join(sla.later(MINUTE), "high").later(MINUTE)
    assert sla.clock("update", "host").elapsed == 121 * MINUTE
    part(sla.reply("host").later(MINUTE), "high")
    assert sla.due("update", "host") == sla.now + 4 * HOUR - MINUTE


def test_a_restart_in_between_changes_nothing() -> None:
    sla = join(join(three(), "urgent"), "high")
    again, log, outputs = saved(sla.fold), len(sla.log), len(sla.outputs)
    part(part(sla.later(MINUTE), "high").later(MINUTE), "urgent").later(DAY)
    assert list(replayed(sla.log[log:], again)) == sla.outputs[outputs:]
    assert list(replayed(sla.log)) == sla.outputs
