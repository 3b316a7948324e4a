"""Tickets merged one into the next a thousand times over: no fact about the last of them may end the process."""

import sys

import pytest

from shared.clock import MINUTE
from shared.policy.terms import Status
from tests.unit.sla.driving import Sla
from tests.unit.sla.policies import MONDAY, plain

MERGES = sys.getrecursionlimit() + 100
LAST = f"t{MERGES}"


@pytest.fixture
def chained() -> Sla:
    """The oldest ticket was answered, and all live on in the newest."""
    sla = Sla(MONDAY).policy(plain("1h")).open("t0").later(MINUTE).reply("t0", message="lost")
    for number in range(1, MERGES + 1):
        sla.open_by_agent(f"t{number}").merge(f"t{number - 1}", f"t{number}")
    return sla


def test_a_reply_lost_at_the_far_end_leaves_the_customer_waiting_in_the_last_ticket(chained: Sla) -> None:
    chained.bounce("lost", "t0")
    assert chained.clock("first_reply", LAST).wait == MONDAY


def test_they_are_all_forgotten_when_the_last_one_is_closed(chained: Sla) -> None:
    chained.turn(Status.CLOSED, LAST)
    assert len(chained.state.tickets) == 0
