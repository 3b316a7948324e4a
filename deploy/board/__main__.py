"""`python -m deploy.board [--check]`: write the board's JSON, or say whether it is what the code makes."""

import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.board.dashboard import written

FILE = Path(__file__).parents[1] / "grafana" / "boards" / "throughput.json"


def main(arguments: Sequence[str] = ()) -> int:
    """Exit codes: 0 done, 1 the file is not what the code makes, 2 wrong call."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    text = written()
    if arguments:
        same = FILE.exists() and FILE.read_text("utf-8") == text
        print(f"{FILE.name} is {'up to date' if same else 'not what the code makes: python -m deploy.board'}")
        return 0 if same else 1
    FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
