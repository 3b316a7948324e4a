"""The committed table of planted bugs."""

from collections.abc import Sequence
from pathlib import Path

from tests.bugs.chase import Catch
from tests.bugs.plant import Bug

REPORT = Path(__file__).parent / "REPORT.md"
HEAD = (
    "# Planted bugs\n\nWritten by `python -m tests.bugs --write`: every bug let loose in a process of its own, and who "
    "caught it.\n*Seeds*: how many seeds of the simulation it survived, counting the one that caught it.\n\n"
    "| bug | planted in | caught by | as | seeds |\n|---|---|---|---|---|\n"
)

WHO = {"desk": "simulation", "toy": "simulated worker", "kafka": "simulated Kafka"}


def row(catch: Catch) -> str:
    """One line of the table."""
    test = "test on real engines" if catch.bug.engines else "test"
    who = WHO.get(catch.bug.caught_by, test)
    seeds = str(catch.seeds) if catch.seeds else ""
    return f"| {catch.bug.name} | `{catch.bug.module}` | {who} | {catch.how if catch.caught else f'**escaped** {catch.how}'} | {seeds} |"


def write(bugs: Sequence[Bug], catches: Sequence[Catch], before: str) -> str:
    """The table of all bugs: what was seen now, or else what stood there before. Raises KeyError for one never seen."""
    rows = {line.split("|")[1].strip(): line for line in before.splitlines() if line.startswith("| ")}
    rows |= {catch.bug.name: row(catch) for catch in catches}
    return HEAD + "\n".join(rows[bug.name] for bug in bugs) + "\n"


def rows_of(text: str) -> list[tuple[str, str]]:
    """Bug and module of each row of a written table."""
    lines = [line.split("|") for line in text.splitlines() if line.startswith("| ") and not line.startswith("| bug")]
    return [(cells[1].strip(), cells[2].strip(" `")) for cells in lines]


def expected(bugs: Sequence[Bug]) -> list[tuple[str, str]]:
    return [(bug.name, bug.module) for bug in bugs]
