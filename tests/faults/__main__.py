"""`python -m tests.faults --seconds 180 --seed 1`: the campaign on real engines, its progress, and the committed report."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import uvloop

from deploy.engines import maven
from tests.engines.kafka import ENGINES
from tests.faults.campaign import Campaign, Outcome, new_house
from tests.faults.goals import Goals
from tests.faults.house import House
from tests.faults.judging import tell
from tests.faults.nemesis import FAULTS
from tests.faults.points import POINTS
from tests.faults.report import REPORT, complaints, write_report

SHOWN = 30
SHORTEST_PACE, MOST_MESSAGES = 0.5, 2_000
"""Seconds between two messages of customers, and how many there are about."""
STOPPED = 128 + signal.SIGTERM
"""Exit code."""


def main() -> int:
    """Exit code 1 where anything is not as it should be; 0 with a loud word where this machine has no Java and need not."""
    asked = _parser().parse_args()
    if asked.list:
        print("\n".join(fault.name for fault in FAULTS))
        return 0
    if lacks := maven.missing():
        print(f"NOT TESTED: {lacks}", file=sys.stderr)
        return 1 if os.environ.get(ENGINES) == "required" else 0
    scratch = asked.folder or Path(tempfile.mkdtemp(prefix="sanad-faults-"))
    print(f"seed {asked.seed}, {asked.seconds} s, {asked.nodes} nodes, shell {asked.shell}, in {scratch}", flush=True)
    house = new_house(scratch, asked.nodes, asked.shell)
    house.points = {name: POINTS[name] for name in asked.point or POINTS}
    campaign = Campaign(
        house, asked.seed, asked.seconds, pace=asked.pace or _pace(asked.seconds), only=asked.only, tell=_say
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(_run(campaign, scratch))
    return _tell_all(house, outcome, asked, scratch)


def _tell_all(house: House, outcome: Outcome, asked: argparse.Namespace, scratch: Path) -> int:
    command = f"python -m tests.faults --seconds {asked.seconds} --seed {asked.seed} --nodes {asked.nodes} --shell {asked.shell}"
    report = write_report(house, outcome, command, Goals())
    (scratch / REPORT.name).write_text(report, encoding="utf-8")
    print(report)
    if outcome.verdict is not None:
        print("\n".join(tell(outcome.verdict)))
    wrong = complaints(house, outcome, Goals() if asked.report else None)
    print("\n".join(wrong[:SHOWN]))
    if wrong:
        print(f"{len(wrong)} complaints; seed {asked.seed}; logs and this report are in {scratch}")
        return 1
    if asked.folder is None:
        shutil.rmtree(scratch, ignore_errors=True)
    if asked.report:
        REPORT.write_text(report, encoding="utf-8")
    return 0


async def _run(campaign: Campaign, scratch: Path) -> Outcome:
    """A campaign that fails, or is told to stop, ends here: customers who do not give up would keep the loop from closing."""
    own = asyncio.current_task()
    assert own is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, own.cancel)
    try:
        return await campaign.run()
    except asyncio.CancelledError:
        print("told to stop; everything has been ended", flush=True)
        os._exit(STOPPED)
    except Exception:  # noqa: BLE001 - told whole, with where to look
        traceback.print_exc()
        print(f"the campaign failed; logs are in {scratch}", flush=True)
        os._exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seconds", type=int, default=180, help="how long faults strike")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nodes", type=int, choices=[1, 3], default=1, help="nodes of Kafka; of three one may fail")
    parser.add_argument("--shell", choices=["faust", "aiokafka", "mixed"], default="faust")
    parser.add_argument(
        "--pace", type=float, help="seconds between two messages of customers (longer in long campaigns)"
    )
    parser.add_argument("--only", action="append", default=[], help="a word of the faults that strike; may be repeated")
    parser.add_argument(
        "--point",
        action="append",
        default=[],
        choices=POINTS,
        help="a named point at which alone processes die; may be repeated",
    )
    parser.add_argument("--folder", type=Path, default=None, help="where the house is; kept")
    parser.add_argument(
        "--report", action="store_true", help="write FAULTS.md where nothing is wrong and every goal is reached"
    )
    parser.add_argument("--list", action="store_true", help="name all faults and end")
    return parser


def _pace(seconds: int) -> float:
    """The stand-in for MongoDB looks through all it has, again and again: with thousands of tickets that is all it does."""
    return max(SHORTEST_PACE, seconds / MOST_MESSAGES)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
