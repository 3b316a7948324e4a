"""A few hundred seeds, and the harness itself: it repeats, it does what its odds say, and it sees what it should."""

from random import Random

import pytest

from tests.simulation.campaign import Tally, run_campaign
from tests.simulation.digest import digests
from tests.simulation.odds import draw_odds
from tests.simulation.roles import ROLES
from tests.simulation.run import run_seed
from tests.simulation.tell import tell
from tests.simulation.toy_run import run_toy_seed

SEEDS = 60
MORE_SEEDS = 300


def test_the_desk_keeps_its_promises() -> None:
    assert [tell(result) for result in run_campaign(0, SEEDS, processes=1) if result.failed] == []


@pytest.mark.slow
def test_the_desk_keeps_its_promises_under_more_seeds() -> None:
    tally = Tally()
    for result in run_campaign(SEEDS, MORE_SEEDS):
        tally.add(result)
    assert [tell(result) for result in tally.failures] == []
    assert tally.seeds == MORE_SEEDS
    unseen = {fault for fault in FAULTS if not any(kind.startswith(fault) for kind, _ in tally.faults())}
    assert unseen == set()


FAULTS = (
    "append torn", "broker silent at append", "broker silent at appended", "broker silent at read", "checkpoint lost",
    "checkpoint old", "checkpoint torn", "clean stop", "crash at accompanied", "crash at append", "crash at applied",
    "crash at get", "crash at published", "crash at read", "crash at rest", "crash at saved", "crash at saving",
    "crash at write", "crash at written", "documents silent at get", "documents silent at write", "request repeated",
    "zombie",
)  # fmt: skip
"""What a few hundred seeds must have done to the desk, or they prove less than they say."""


def test_the_worker_keeps_its_promises_with_rules_that_break() -> None:
    results = [run_toy_seed(seed) for seed in range(SEEDS)]
    assert [tell(result) for result in results if result.failed] == []
    assert sum(result.counts["broken rules"] for result in results) > 0


def test_a_seed_is_the_same_run_every_time() -> None:
    assert digests([7, 11]) == digests([7, 11])


def test_seeds_differ() -> None:
    assert len(set(digests([1, 2, 3]))) == 3


def test_odds_range_from_calm_to_storm() -> None:
    odds = [draw_odds(Random(seed)) for seed in range(200)]
    assert {each.crash > 0 for each in odds} == {True, False}
    assert {each.zombie > 0 for each in odds} == {True, False}
    assert any(each.crash == each.fail == each.torn == 0 for each in odds)


def test_every_seed_writes_facts_of_every_service() -> None:
    result = run_seed(3, ROLES, thorough=True)
    assert result.facts > 50
    assert "nothing wrong" in tell(result)
