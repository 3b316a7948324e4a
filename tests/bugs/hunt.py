"""`python -m tests.bugs.hunt <bug>`: seeds until the bug is seen, in a process that has it. Prints one JSON line."""

import json
import sys
from time import process_time

from tests.bugs.plant import plant_named

SEEDS = 400
"""A bug that hides longer than this is not caught."""
PATIENCE = 120.0
"""Seconds of work."""


def hunt(name: str, seeds: int = SEEDS) -> dict[str, object]:
    """The first seed that sees it, and what it sees."""
    bug = plant_named(name)
    from tests.simulation.run import run_seed
    from tests.simulation.toy_run import run_toy_seed

    began = process_time()
    for seed in range(seeds):
        if bug.caught_by == "toy":
            result = run_toy_seed(seed)
        else:
            from tests.simulation.roles import ROLES

            result = run_seed(seed, ROLES, thorough=True)
        if result.failed:
            return {"caught": True, "seeds": seed + 1, "promises": result.promises}
        if process_time() - began > PATIENCE:
            break
    return {"caught": False, "seeds": seed + 1, "promises": []}


if __name__ == "__main__":
    print(json.dumps(hunt(sys.argv[1])))
