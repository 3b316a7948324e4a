"""`python -m tests.bugs [--write] [name …]`: let them loose, print who caught each, exit 1 if one escaped."""

import argparse
import sys

from tests.bugs.chase import Catch, chase_all
from tests.bugs.report import HEAD, REPORT, row, write
from tests.bugs.table import BUGS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bugs", description=__doc__)
    parser.add_argument("names", nargs="*", help="which; default: all")
    parser.add_argument("--write", action="store_true", help="write the committed table, rows of others as they were")
    asked = parser.parse_args()
    bugs = [bug for bug in BUGS if not asked.names or bug.name in asked.names]
    print(HEAD.split("\n\n")[-1], end="", flush=True)
    catches: list[Catch] = []
    for catch in chase_all(bugs):
        catches.append(catch)
        print(row(catch), flush=True)
    escaped = [catch.bug.name for catch in catches if not catch.caught]
    print(f"\n{len(catches) - len(escaped)} of {len(catches)} caught" + (f"; escaped: {escaped}" if escaped else ""))
    if asked.write:
        REPORT.write_text(write(BUGS, catches, REPORT.read_text("utf-8")), "utf-8")
    return int(bool(escaped))


if __name__ == "__main__":
    sys.exit(main())
