"""`export` and `import` with their death built in: `DEATH=<point>:<n>` kills the process the n-th time it passes there.

Started as a program by tests only.
"""

import os

from tests.e2e.crash_launcher import DEATH, POINTS, Death, build_in

ON_THE_MOVE = {
    "noting": ("shared.moves", "Movements", "note", "before"),
    "noted": ("shared.moves", "Movements", "note", "after"),
    "member written": ("services.verbs.moving.archive", "Writing", "add", "after"),
    "file finishing": ("services.verbs.moving.archive", "Writing", "finish", "before"),
    "file finished": ("services.verbs.moving.archive", "Writing", "finish", "after"),
    "facts appending": ("services.verbs.moving.arriving", "Arriving", "_append", "before"),
    "facts appended": ("services.verbs.moving.arriving", "Arriving", "_append", "after"),
    "documents written": ("services.verbs.moving.arriving", "Arriving", "_write", "after"),
    "checkpoint forgotten": ("shared.checkpoints", "Checkpoints", "drop", "after"),
    "checkpoint saved": ("shared.checkpoints", "Checkpoints", "save", "after"),
    "run appended": ("shared.worker", "Worker", "_append", "after"),
    "run written": ("shared.worker", "Worker", "_write", "after"),
    "folded": ("services.verbs.moving.arriving", "Arriving", "fold", "after"),
    "keys loaded": ("services.verbs.moving.arriving", "Arriving", "load_keys", "after"),
}


def main() -> None:
    POINTS.update(ON_THE_MOVE)
    build_in(Death(os.environ[DEATH]))
    from services.verbs.cli import main as verbs

    verbs()


if __name__ == "__main__":
    main()
