"""`contracts`: JSON Schemas and asyncapi.yaml, generated from the models."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console

from services.verbs.talk import REFUSED


def build() -> typer.Typer:
    app = typer.Typer(help="Generated contracts: write what changed, or check that nothing has.")
    app.command()(write)
    app.command()(check)
    return app


def write(
    before_release: Annotated[
        bool, typer.Option("--before-release", help="Also what breaks released types: no log outside holds them yet.")
    ] = False,
) -> None:
    """Write what changed into the repository. What would break a released type is refused."""
    from services.verbs.contract_files.release import Incompatible, write_contracts

    out, beside = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        changed = write_contracts(before_release=before_release)
    except Incompatible as fault:
        _show_broken(beside, fault.broken)
        beside.print("Nothing was written. Such a change is a new version of the type.", markup=False)
        raise typer.Exit(REFUSED) from None
    for path in changed:
        out.print(path, markup=False, soft_wrap=True)
    beside.print(f"{len(changed)} files written." if changed else "All contracts are current.")


def check() -> None:
    """Say whether the committed contracts are those of the models, and whether any would break a released one."""
    from services.verbs.contract_files.release import ROOT, broken_promises, released, texts
    from services.verbs.contract_files.schemas import schemas

    beside = Console(stderr=True, highlight=False)
    broken = broken_promises(released(), schemas())
    _show_broken(beside, broken)
    stale = [
        path for path, text in texts().items() if not (ROOT / path).exists() or (ROOT / path).read_text("utf-8") != text
    ]
    for path in stale:
        beside.print(f"{path} is not current: `python -m services contracts write`", markup=False, soft_wrap=True)
    if broken or stale:
        raise typer.Exit(REFUSED)
    beside.print("All contracts are current.")


def _show_broken(beside: Console, broken: Mapping[str, list[str]]) -> None:
    for name, sentences in broken.items():
        for sentence in sentences:
            beside.print(f"{name} {sentence}", style="red", markup=False, soft_wrap=True)
