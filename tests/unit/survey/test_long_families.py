"""Tickets merged one into the next a thousand times over: closing the last of them may not end the process."""

import sys

from shared.catalogue.facts import StatusChanged, TicketMerged
from shared.policy.terms import Status
from tests.unit.survey.desk_facts import DESK_ID, NOON, Log

MERGES = sys.getrecursionlimit() + 100


def test_they_are_all_forgotten_when_the_last_one_is_closed() -> None:
    log = Log()
    log.open("t0")
    for number in range(1, MERGES + 1):
        log.open(f"t{number}")
        log.say(TicketMerged(ticket=f"t{number - 1}", into=f"t{number}", since=NOON))
    log.say(StatusChanged(ticket=f"t{MERGES}", former=Status.RESOLVED, status=Status.CLOSED, cause="closed"))
    assert len(log.decider.states[DESK_ID].tickets) == 0
