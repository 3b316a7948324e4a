"""`make bench` (or `python -m tests.bench --quick`): a table, and JSON in build/bench.json."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench.decisions import measure_decisions
from tests.bench.figures import Figure, show, write
from tests.bench.large import measure_large
from tests.bench.pipeline import measure_pipeline
from tests.bench.reference import durable_inserts
from tests.e2e.policies import write_fast_policy

JSON = Path(__file__).resolve().parents[2] / "build" / "bench.json"


def inserts(folder: Path, *, quick: bool) -> list[Figure]:
    return [Figure("bare durable inserts, one client", durable_inserts(folder), "inserts/s")]


def pipeline(folder: Path, *, quick: bool) -> list[Figure]:
    return asyncio.run(measure_pipeline(folder, 1_000 if quick else 4_000, 100, 5 if quick else 30))


def decisions(folder: Path, *, quick: bool) -> list[Figure]:
    return measure_decisions(1_000, 10_000 if quick else 100_000, 2_000)


def large(folder: Path, *, quick: bool) -> list[Figure]:
    tickets, seconds = (5_000, 3) if quick else (100_000, 10)
    return asyncio.run(measure_large(folder, write_fast_policy(folder), tickets, 1_000, seconds))


SECTIONS: Mapping[str, Callable[..., list[Figure]]] = {
    "inserts": inserts,
    "pipeline": pipeline,
    "decisions": decisions,
    "large": large,
}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="smaller, in a minute or two")
    arguments.add_argument("--only", choices=SECTIONS, action="append", help="just this section")
    given = arguments.parse_args()
    figures: list[Figure] = []
    for name in given.only or SECTIONS:
        print(f"== {name} …", flush=True)
        with tempfile.TemporaryDirectory(prefix="sanad-bench-") as folder:
            figures += SECTIONS[name](Path(folder), quick=given.quick)
        write(figures, JSON)
    show(figures)
    print(f"also in {JSON.relative_to(Path.cwd()) if JSON.is_relative_to(Path.cwd()) else JSON}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
