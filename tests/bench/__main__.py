"""`make bench` (or `python -m tests.bench --quick`): a table, and JSON in build/bench.json."""

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.bench.figures import Figure, show, write
from tests.bench.sections import SECTIONS

JSON = Path(__file__).resolve().parents[2] / "build" / "bench.json"


def measure(name: str, folder: Path, *, quick: bool) -> list[Figure]:
    """A section, in a new process: what the one before it left in memory is not its cost."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        return child.submit(SECTIONS[name], folder, quick=quick).result()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="smaller, in a minute or two")
    arguments.add_argument("--only", choices=SECTIONS, action="append", help="just this section")
    given = arguments.parse_args()
    figures: list[Figure] = []
    for name in given.only or SECTIONS:
        print(f"== {name} …", flush=True)
        with tempfile.TemporaryDirectory(prefix="sanad-bench-") as folder:
            figures += measure(name, Path(folder), quick=given.quick)
        write(figures, JSON)
    show(figures)
    print(f"also in {JSON.relative_to(Path.cwd()) if JSON.is_relative_to(Path.cwd()) else JSON}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
