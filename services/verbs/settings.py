"""`settings`: every setting, what it is for and what it is now."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.verbs.configured import PREFIX, probable_typos, read_settings, shown
from services.verbs.talk import AsJson, ended
from shared.settings import Settings

SECRET = {"key"}


def settings(
    markdown: Annotated[bool, typer.Option("--markdown", help="The README's table: defaults, not values.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the settings of this machine: environment (SANAD_…) or the file .env."""
    out, beside = Console(highlight=False), Console(stderr=True, highlight=False)
    if markdown:
        out.print("\n".join(write_table()), markup=False, soft_wrap=True)
        return
    with ended(beside):
        current = read_settings()
        for line in probable_typos():
            beside.print(line, style="yellow", markup=False, soft_wrap=True)
        values = {name: _value(current, name) for name in Settings.model_fields}
        if as_json:
            out.print(json.dumps(values, indent=1), markup=False, soft_wrap=True)
            return
        table = Table("setting", "is", "what it is for", box=None, pad_edge=False)
        for name, field in Settings.model_fields.items():
            table.add_row(PREFIX + name.upper(), values[name], field.description)
        out.print(table)


def write_table() -> Iterator[str]:
    """As it stands in the README."""
    yield "| setting | default | what it is for |"
    yield "|---|---|---|"
    for name, field in Settings.model_fields.items():
        yield f"| `{PREFIX}{name.upper()}` | `{shown(field.default)}` | {field.description} |"


def _value(current: Settings, name: str) -> str:
    value = getattr(current, name)
    return "(set)" if name in SECRET and value else shown(value)
