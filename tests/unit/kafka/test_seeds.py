"""Seeds of a service on a simulated Kafka: whatever dies, freezes, joins, leaves or falls silent, the desk's promises hold."""

import pytest

from tests.simulated_kafka.__main__ import tell
from tests.simulated_kafka.campaign import ALL, run_seed
from tests.simulated_kafka.service import SHELLS

SEEDS = 3
MORE_SEEDS = 24
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_a_service_keeps_its_promises_whatever_happens_to_its_processes_and_its_log(shell: str) -> None:
    assert [tell(result) for seed in range(SEEDS) if (result := run_seed(seed, [shell])).failed] == []


def test_a_service_keeps_its_promises_under_more_seeds_with_both_shells_in_a_group() -> None:
    results = [run_seed(seed) for seed in range(SEEDS, SEEDS + MORE_SEEDS)]
    assert [tell(result) for result in results if result.failed] == []
    assert all(sum(result.counts[act.__name__] for result in results) for act in ALL)


def test_a_seed_is_the_same_run_every_time() -> None:
    first, second = (run_seed(3, ["aiokafka"]) for _ in range(2))
    assert (first.counts, first.digest) == (second.counts, second.digest)
    assert first.digest != run_seed(4, ["aiokafka"]).digest
