"""`make bench [ENGINE=kafka]` (or `python -m tests.bench --quick`): a table, and JSON in build/."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from tests.bench.figures import Figure, show, write
from tests.bench.kafka.sections import SECTIONS as ON_KAFKA
from tests.bench.kafka.sections import measure
from tests.bench.kafka.size import FULL, QUICK
from tests.bench.sections import SECTIONS as EMBEDDED

BUILD = Path(__file__).resolve().parents[2] / "build"
SECTIONS = {"embedded": EMBEDDED, "kafka": ON_KAFKA}
FILES = {"embedded": "bench.json", "kafka": "bench-kafka.json"}
Keep = Callable[[list[Figure]], None]


def embedded(given: argparse.Namespace, keep: Keep) -> list[str]:
    """All in one process, on SQLite; each section in a new one: what the one before it left in memory is not its cost."""
    for name in given.only or EMBEDDED:
        print(f"== {name} …", flush=True)
        child = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        with tempfile.TemporaryDirectory(prefix="sanad-bench-") as folder, child:
            keep(child.submit(EMBEDDED[name], Path(folder), quick=given.quick).result())
    return []


def kafka(given: argparse.Namespace, keep: Keep) -> list[str]:
    """A process per service, on a broker and a MongoDB stand-in of the bench's own. Returns the sections that failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # engines and services end with us
    size = QUICK if given.quick else FULL
    if given.seconds:
        size = replace(size, accepted=given.seconds, desk=given.seconds, burst=given.seconds)
    with tempfile.TemporaryDirectory(prefix="sanad-bench-") as folder:
        return measure(given.only or list(ON_KAFKA), Path(folder), size, given.shell, keep)


def main() -> int:
    given = _parser().parse_args()
    if unknown := set(given.only or ()) - set(SECTIONS[given.engine]):
        print(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS[given.engine])}")
        return 2
    figures: list[Figure] = []
    path = BUILD / FILES[given.engine]

    def keep(more: list[Figure]) -> None:
        figures.extend(more)
        write(figures, path)

    failed = (embedded if given.engine == "embedded" else kafka)(given, keep)
    show(figures)
    print(f"also in {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=SECTIONS, default="embedded")
    parser.add_argument("--quick", action="store_true", help="smaller, in a few minutes")
    parser.add_argument("--only", metavar="SECTION", action="append", help="just this one; may be repeated")
    parser.add_argument("--seconds", type=int, help="kafka: so long for what lasts minutes (accepted, desk, burst)")
    parser.add_argument("--shell", choices=["faust", "aiokafka"], default="faust", help="kafka: what services run on")
    return parser


if __name__ == "__main__":
    sys.exit(main())
