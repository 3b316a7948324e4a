"""`python -m services <verb>`: the table of verbs."""

import typer

from services.verbs.run import run

HELP = "Sanad, a customer-support desk. Most verbs talk to a running desk: start one with `run`."


def main() -> None:
    """The door of the terminal."""
    app = typer.Typer(name="sanad", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)
    # with a callback a verb is named even while there is only one
    app.callback(help=HELP)(_nothing)
    app.command(help="Start the whole desk in one process.")(run)
    app(prog_name="python -m services")


def _nothing() -> None:
    """No options stand before the verb."""
