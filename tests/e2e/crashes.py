"""`python -m tests.e2e.crashes --kills 300`: the long campaign, its progress, and the committed report."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.e2e.crashing.campaign import Campaign, Report

REPORT = Path(__file__).with_name("CRASHES.md")


def write_report(report: Report) -> str:
    """The figures, without dates and places, so that a repeat can be compared."""
    verdict = report.verdict
    assert verdict is not None
    slow = sorted(report.restarts)
    lines = [
        "# Crash proof",
        "",
        "Written by `python -m tests.e2e.crashes`. One desk in one process, all five services, in use all the time: customers",
        "through form and mail, agents, a lead, surveys, a relay of somebody else's. It is killed (SIGKILL) at named points,",
        "each at a random one of its passes, and at random; sometimes it is told to stop (SIGTERM). Whoever was not answered",
        "asks again. In the end everything comes to rest, and the files are judged: S1 to S13 by the checkers of",
        "`tests/invariants`, what clients were told against what the log says, every projection and every decision derived",
        "once more from the log alone, the live feed against the log.",
        "",
        f"**{report.kills.total()} deaths, {len(verdict.violations)} violations.**",
        "",
        "| killed | times |",
        "|---|---|",
        *(f"| {point} | {count} |" for point, count in sorted(report.kills.items())),
        "",
        "| figure | |",
        "|---|---|",
        f"| messages acknowledged, each found exactly once | {report.messages} ({report.answers} of them answers to our mail) |",
        f"| attempts to deliver them, most while nobody was there | {report.deliveries} |",
        f"| repeats the desk recognised | {verdict.repeats} |",
        f"| writes answered, each as the log says | {report.writes} |",
        f"| survey answers given | {report.scores} |",
        f"| events heard live by one listener, in order, none twice | {report.heard} in {report.calls} calls |",
        f"| records in the logs | {verdict.records.total()} |",
        f"| of them copies that readers dropped | {verdict.copies.total()} |",
        f"| mails sent, each arrived | {report.mails} |",
        f"| mails that arrived once more (a crash between sending and noting it) | {report.mails_twice} |",
        f"| seconds from a start after a death until ready | median {slow[len(slow) // 2]:.1f}, longest {slow[-1]:.1f} |",
        f"| exit code of the clean stop at the end | {report.stop_code} |",
        f"| processes left behind | {len(report.left_alive)} |",
        "",
    ]
    return "\n".join(lines)


def complaints(report: Report) -> list[str]:
    """Everything that is not as it should be."""
    found = [str(one) for one in report.verdict.violations] if report.verdict else ["nothing was judged"]
    found += report.broken
    found += [f"process {one} is left behind" for one in report.left_alive]
    if report.stop_code != 0:
        found.append(f"the clean stop ended with {report.stop_code}")
    if report.mails_twice > 8 * report.kills.total():
        found.append(
            f"{report.mails_twice} mails arrived twice: more than were under way at {report.kills.total()} deaths"
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--report", action="store_true", help="write CRASHES.md where nothing is wrong")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="sanad-crashes-"))
    folder.mkdir(parents=True, exist_ok=True)
    report = asyncio.run(Campaign(folder, asked.kills, asked.seed).run())
    print(write_report(report))
    wrong = complaints(report)
    print("\n".join(wrong[:50]))
    if wrong:
        sys.exit(1)
    if asked.report:
        REPORT.write_text(write_report(report), encoding="utf-8")


if __name__ == "__main__":
    main()
