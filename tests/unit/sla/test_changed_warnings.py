"""A policy's warnings are changed while clocks run: what was told stays told, what is new is told, wherever it stands."""

import pytest

from shared.catalogue.facts import TargetWarned
from shared.clock import HOUR, MINUTE
from shared.policy.policy import Policy
from shared.policy.terms import Status
from tests.unit.sla.driving import Sla, replayed, saved
from tests.unit.sla.policies import MONDAY, policy

HALF, LATER, EARLIER = '{share: "50%"}', '{share: "75%"}', '{share: "25%"}'
LEAD = '{share: "75%", to: lead}'


def promising(*warnings: str, target: str = "first_reply") -> Policy:
    return policy(f"""\
sla:
  - id: one
    targets: {{{target}: {{within: 1h}}}}
    warnings: [{", ".join(warnings)}]
    escalations: [{{on: warning, notify: lead}}]
""")


def told(sla: Sla) -> list[tuple[int, tuple[str, ...]]]:
    """The minutes at which warnings came, and to whom."""
    return [(time // MINUTE, fact.notify) for time, fact in sla.facts if isinstance(fact, TargetWarned)]


def at(*minutes: int) -> list[tuple[int, tuple[str, ...]]]:
    return [(MONDAY // MINUTE + minute, ("owner",)) for minute in minutes]


def changed(former: tuple[str, ...], *warnings: str) -> Sla:
    """35 minutes after the customer wrote, the policy has other warnings than before."""
    return Sla(MONDAY).policy(promising(*former)).open().at(MONDAY + 35 * MINUTE).policy(promising(*warnings))


def test_one_in_the_place_of_another_comes_at_its_own_moment() -> None:
    assert told(changed((HALF,), LATER).at(MONDAY + HOUR)) == at(30, 45)


def test_one_that_moves_up_is_still_to_come() -> None:
    sla = changed((HALF, LATER), LEAD).at(MONDAY + HOUR)
    assert told(sla) == [*at(30), (MONDAY // MINUTE + 45, ("lead",))]


def test_one_that_moves_down_was_told_already() -> None:
    sla = changed((HALF,), LATER, HALF).at(MONDAY + HOUR)
    assert told(sla) == at(30, 45)
    assert len(sla.asked) == 2


def test_a_new_one_whose_moment_is_past_comes_at_once_as_under_a_shorter_promise() -> None:
    assert told(changed((HALF,), EARLIER, HALF).at(MONDAY + HOUR)) == at(30, 35)


@pytest.mark.parametrize("narrowed", ['{share: "50%", targets: first_reply}', '{share: "50%", to: owner}'])
def test_who_heard_it_does_not_hear_it_again_when_it_concerns_fewer(narrowed: str) -> None:
    assert len(told(changed(('{share: "50%", to: [owner, lead]}',), narrowed).at(MONDAY + HOUR))) == 1


def test_who_did_not_hear_it_does() -> None:
    sla = changed((HALF,), '{share: "50%", to: lead}').at(MONDAY + HOUR)
    assert told(sla) == [*at(30), (MONDAY // MINUTE + 35, ("lead",))]


def test_a_paused_clock_and_a_promise_know_theirs_too() -> None:
    sla = Sla(MONDAY).policy(promising(HALF, target="resolution")).open().reply().promise("call", MONDAY + HOUR)
    sla.at(MONDAY + 35 * MINUTE).turn(Status.PENDING).policy(promising(LATER, HALF, target="resolution")).later(MINUTE)
    sla.write().turn(Status.OPEN).at(MONDAY + 2 * HOUR)
    assert [(fact.target, fact.warning) for fact in sla.said(TargetWarned)] == [
        ("resolution", 0), ("promise", 0), ("promise", 0), ("resolution", 0),
    ]  # fmt: skip


def test_a_restart_in_between_tells_the_same() -> None:
    sla = changed((HALF,), LATER, HALF)
    again = saved(sla.fold)
    before = len(sla.log), len(sla.outputs)
    sla.at(MONDAY + HOUR)
    assert list(replayed(sla.log[before[0] :], again)) == sla.outputs[before[1] :]
    assert list(replayed(sla.log)) == sla.outputs
