"""What all verbs that talk to a desk share: settings, the desk, a terminal, and how an error ends."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.verbs.configured import SettingsWrong, read_settings
from services.verbs.remote import NoAnswer, Refused, Remote, open_remote

REFUSED, WRONG, SILENT = 1, 2, 3
"""Exit codes: the desk said no; the call or the settings are wrong; no desk answers."""

WIDE = 1_000
"""Columns where the output is a file or another program: nothing is folded."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@dataclass(frozen=True, slots=True)
class Talk:
    """One verb's conversation: results go to standard output, everything else beside it."""

    remote: Remote
    out: Console
    beside: Console

    def show(self, found: Any) -> None:
        """For programs."""
        self.out.print(json.dumps(found, indent=1, ensure_ascii=False), soft_wrap=True, markup=False, highlight=False)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """For people."""
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        self.out.print(table, markup=False)

    def say(self, text: str) -> None:
        self.beside.print(text, markup=False, soft_wrap=True)


@contextmanager
def talking() -> Iterator[Talk]:
    """Talk to the desk the settings mean. Whatever goes wrong ends in a sentence and an exit code, never in a trace."""
    out, beside = Console(highlight=False), Console(stderr=True, highlight=False)
    if not out.is_terminal:
        out.width = WIDE
    with ended(beside), open_remote(read_settings()) as remote:
        yield Talk(remote, out, beside)


@contextmanager
def ended(beside: Console) -> Iterator[None]:
    """Errors we know become sentences."""
    try:
        yield
    except SettingsWrong as wrong:
        code, lines = WRONG, wrong.lines
    except NoAnswer as silent:
        code, lines = SILENT, [str(silent)]
    except Refused as refused:
        code, lines = REFUSED, [str(refused), *(f"  {_finding(one)}" for one in refused.findings)]
    else:
        return
    for line in lines:
        beside.print(line, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(code)


def when(at: int | None) -> str:
    """A point in time as operators compare it with their logs: UTC."""
    return datetime.fromtimestamp(at / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%SZ") if at is not None else ""


def _finding(finding: Any) -> str:
    """One detail of a refusal: of a policy, of a CSV file, or of a request."""
    if not isinstance(finding, dict):
        return str(finding)
    line, column = finding.get("line"), finding.get("column")
    place = f"line {line}" + (f", column {column}" if isinstance(column, int) else f", {column}" if column else "")
    where = finding.get("path") or ".".join(str(step) for step in finding.get("where", ()))
    parts = [place if line else "", where, finding.get("wrong", "")]
    fix = finding.get("fix")
    return ": ".join(part for part in parts if part) + (f"; {fix}" if fix else "")
