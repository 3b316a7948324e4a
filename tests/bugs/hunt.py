"""`python -m tests.bugs.hunt <bug>`: seeds until the bug is seen, in a process that has it. Prints one JSON line."""

import json
import sys
from collections.abc import Callable
from time import process_time
from typing import Protocol

from tests.bugs.plant import plant_named


class Judged(Protocol):
    """What became of a seed."""

    @property
    def failed(self) -> bool: ...
    @property
    def promises(self) -> list[str]: ...


SEEDS = 400
"""A bug that hides longer than this is not caught."""
PATIENCE = 120.0
"""Seconds of work."""


def hunt(name: str, seeds: int = SEEDS) -> dict[str, object]:
    """The first seed that sees it, and what it sees."""
    simulated = simulation(plant_named(name).caught_by)
    began = process_time()
    for seed in range(seeds):
        result = simulated(seed)
        if result.failed:
            return {"caught": True, "seeds": seed + 1, "promises": result.promises}
        if process_time() - began > PATIENCE:
            break
    return {"caught": False, "seeds": seed + 1, "promises": []}


def simulation(name: str) -> Callable[[int], Judged]:
    """What runs one seed. Imported late: nothing of the product may be there before the bug is."""
    if name == "toy":
        from tests.simulation.toy_run import run_toy_seed

        return run_toy_seed
    if name == "kafka":
        from tests.simulated_kafka.campaign import run_seed as run_kafka_seed

        return run_kafka_seed
    from tests.simulation.roles import ROLES
    from tests.simulation.run import run_seed

    return lambda seed: run_seed(seed, ROLES, thorough=True)


if __name__ == "__main__":
    print(json.dumps(hunt(sys.argv[1])))
