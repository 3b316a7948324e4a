"""`python -m tests.simulation --seeds 10000`: the campaign. `--seed 4711` runs one and tells everything about it."""

import argparse
import sys
from time import monotonic

from tests.simulation.campaign import Tally, all_roles, run_campaign
from tests.simulation.run import Result, run_seed
from tests.simulation.tell import tell

EVERY = 5.0


def main() -> int:
    """Exit code 1 where anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--processes", type=int, default=None, help="default: one per core")
    parser.add_argument("--seed", type=int, default=None, help="one seed only, in detail")
    parser.add_argument("--most", type=int, default=10, help="stop after so many with violations")
    asked = parser.parse_args()
    if asked.seed is not None:
        result = run_seed(asked.seed, all_roles())
        print(tell(result))
        return int(result.failed)
    tally = campaign(asked.first, asked.seeds, asked.processes, asked.most)
    print(summary(tally))
    return int(bool(tally.failures))


def campaign(first: int, seeds: int, processes: int | None, most: int) -> Tally:
    tally, told = Tally(), monotonic()
    for result in run_campaign(first, seeds, processes):
        tally.add(result)
        if result.failed:
            print(tell(result), flush=True)
        if len(tally.failures) >= most:
            print(f"stopped after {most} seeds with violations")
            break
        if monotonic() - told > EVERY:
            told = monotonic()
            print(tally.line(), flush=True)
    return tally


def summary(tally: Tally) -> str:
    lines = [
        f"\n{tally.line()} in {tally.elapsed:.0f} s",
        f"{tally.steps} steps, {tally.records} records",
        *(f"  {count:>9}  {kind}" for kind, count in tally.faults()),
        "",
        _verdict(tally.failures),
    ]
    return "\n".join(lines)


def _verdict(failures: list[Result]) -> str:
    if not failures:
        return "0 violations"
    return "violations in seeds " + ", ".join(str(result.seed) for result in failures)


if __name__ == "__main__":
    sys.exit(main())
