"""`export` and `import`: a desk moves from one installation to another, on either engine."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from services.verbs.configured import lacking, read_settings
from services.verbs.talk import ended
from shared.logs import set_up_logs
from shared.settings import Settings

Desk = Annotated[str, typer.Option("--desk", help="Its id; may be left out where there is only one.")]
To = Annotated[Path | None, typer.Option("--to", help="The file to write: .tar, or .tar.gz, which is packed.")]
Address = Annotated[str, typer.Option("--moves-to", help="The desk's new address, told to whoever asks here later.")]
Unseal = Annotated[bool, typer.Option("--unseal", help="Take it back: the desk goes on here, and nothing is written.")]
File = Annotated[Path, typer.Argument(help="What `export` wrote.")]


def export(desk: Desk = "", to: To = None, moves_to: Address = "", unseal: Unseal = False) -> None:
    """Write a desk into a file, with its customers' words, its keys' digests and its secrets: keep it safe.

    Its services must be stopped. The desk is sealed: it takes and sends nothing here any more. Started again, the
    installation still shows it, and answers mail and forms with "later". What was interrupted is simply run again.
    """
    settings, terminal = _prepare()
    if (to is None) is not unseal:
        raise typer.BadParameter("give either --to FILE or --unseal")
    from services.verbs.moving.verbs import export_desk  # slow to import, and other verbs need none of it

    _run(settings, terminal, lambda told: export_desk(settings, terminal, told, desk, to, moves_to))


def import_desk(file: File) -> None:
    """Take in a desk that `export` wrote. Services must be stopped; they start when it is whole, and not before.

    The file is read to its end first: one that is damaged, of another version, or of a desk that is here already
    changes nothing. What was interrupted is simply run again.
    """
    settings, terminal = _prepare()
    from services.verbs.moving.verbs import take_desk

    _run(settings, terminal, lambda told: take_desk(settings, terminal, told, file))


def where_it_lives(settings: Settings) -> Settings:
    """With the engine its services use: they are told no more than where Kafka and MongoDB are."""
    if "engine" in settings.model_fields_set or [*lacking(settings)]:
        return settings
    return settings.model_copy(update={"engine": "kafka"})


def _run(
    settings: Settings, terminal: Console, work: Callable[[Callable[[str, int], None]], Coroutine[Any, Any, None]]
) -> None:
    """Do it, and tell how far it is."""
    from services.verbs.ending import ending, run_loop
    from services.verbs.moving.verbs import TOLD

    with ending(terminal, settings, TOLD), terminal.status("opening") as status:

        def tell(what: str, count: int) -> None:
            status.update(f"{what}: {count:,}" if count else what)

        run_loop(work(tell))


def _prepare() -> tuple[Settings, Console]:
    terminal = Console(stderr=True, highlight=False)
    with ended(terminal):
        settings = where_it_lives(read_settings())
    set_up_logs(settings.log_level)
    return settings, terminal
