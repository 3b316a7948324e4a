"""`python -m tests.simulated_kafka --seeds 1000`: the campaign. `--seed 4711` runs one and tells everything about it."""

import argparse
import logging
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import structlog

from tests.simulated_kafka.campaign import Result, run_seed
from tests.simulated_kafka.service import SHELLS


def main() -> int:
    """Exit code 1 where anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulated_kafka", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, default=None, help="one seed only, in detail")
    parser.add_argument("--shell", choices=sorted(SHELLS), default=None, help="default: both, mixed")
    asked = parser.parse_args()
    shells = [asked.shell] if asked.shell else sorted(SHELLS)
    if asked.seed is not None:
        result = run_seed(asked.seed, shells)
        print(tell(result))
        return int(result.failed)
    counts, failed = Counter[str](), 0
    with ProcessPoolExecutor(initializer=be_quiet) as pool:
        seeds = range(asked.first, asked.first + asked.seeds)
        for result in pool.map(partial(run_seed, shells=shells), seeds, chunksize=4):
            counts += result.counts
            if result.failed:
                failed += 1
                print(tell(result), flush=True)
    print(f"{asked.seeds} seeds, {failed} with violations; {dict(counts.most_common())}")
    return int(bool(failed))


def tell(result: Result) -> str:
    """What became of a seed, in detail."""
    lines = [f"seed {result.seed}: {dict(result.counts)}", *map(str, result.violations[:20]), result.error]
    return "\n".join(line for line in lines if line)


def be_quiet() -> None:
    """Hundreds of processes that come and go would say so."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


if __name__ == "__main__":
    be_quiet()
    sys.exit(main())
