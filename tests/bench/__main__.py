"""`make bench [ENGINE=kafka]` (or `python -m tests.bench --quick`): a table, JSON in build/, and with --report the committed page."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.bench import report
from tests.bench.figures import Figure, show, write
from tests.bench.kafka import size as on_kafka
from tests.bench.kafka.sections import measure
from tests.bench.sections import FULL, QUICK
from tests.bench.sections import SECTIONS as EMBEDDED
from tests.bench.table import SECTIONS

BUILD = Path(__file__).resolve().parents[2] / "build"
FILES = {"embedded": "bench.json", "kafka": "bench-kafka.json"}
Keep = Callable[[str, Sequence[Figure]], None]


def embedded(given: argparse.Namespace, keep: Keep) -> list[str]:
    """All in one process, on SQLite; each section in a new one: what the one before it left in memory is not its cost."""
    size = (QUICK if given.quick else FULL).lasting(given.seconds)
    for name in given.only or EMBEDDED:
        print(f"== {name} …", flush=True)
        child = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        with tempfile.TemporaryDirectory(prefix="sanad-bench-") as folder, child:
            keep(name, child.submit(EMBEDDED[name], Path(folder), size).result())
    return []


def kafka(given: argparse.Namespace, keep: Keep) -> list[str]:
    """A process per service, on a broker and a MongoDB stand-in of the bench's own. Returns the sections that failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # engines and services end with us
    size = (on_kafka.QUICK if given.quick else on_kafka.FULL).lasting(given.seconds)
    with tempfile.TemporaryDirectory(prefix="sanad-bench-") as folder:
        return measure(given.only or list(SECTIONS["kafka"]), Path(folder), size, given.shell, keep)


def main() -> int:
    parser = _parser()
    given = parser.parse_args()
    if given.report and given.quick:
        parser.error("figures of --quick are not written down")
    sections = SECTIONS[given.engine]
    if unknown := set(given.only or ()) - set(sections):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(sections)}")
    measured: dict[str, Sequence[Figure]] = {}
    path = BUILD / FILES[given.engine]
    machine = report.this_machine() + (f"; processes share work by {given.shell}" if given.engine == "kafka" else "")

    def keep(section: str, figures: Sequence[Figure]) -> None:
        measured[section] = figures
        write(measured, path)
        if given.report:
            report.keep(given.engine, sections, section, figures, machine)

    failed = (embedded if given.engine == "embedded" else kafka)(given, keep)
    show(measured)
    print(f"also in {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--engine", choices=SECTIONS, default="embedded")
    parser.add_argument("--quick", action="store_true", help="smaller, in a few minutes")
    parser.add_argument("--only", metavar="SECTION", action="append", help="just this one; may be repeated")
    parser.add_argument("--seconds", type=int, help="so long for everything that lasts a given time")
    parser.add_argument("--shell", choices=["faust", "aiokafka"], default="faust", help="kafka: what services run on")
    parser.add_argument("--report", action="store_true", help="write these sections into the committed page, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
