"""`run`: the whole desk in one process on the embedded engine."""

import asyncio

import typer
import uvloop
from rich.console import Console

from services.gateway.policy_file.findings import PolicyErrors
from services.gateway.policy_file.loader import load_policy
from services.verbs.configured import probable_typos, read_settings
from services.verbs.embedded import LOG_FILE
from services.verbs.example_people import add_example_people
from services.verbs.first_start import NotStarted, hand_over_key, read_policy, start_desk
from services.verbs.serving import obey_signals, serving
from services.verbs.talk import ended
from services.verbs.welcome import greet
from shared.engine import no_step
from shared.engine.telling import OURS
from shared.http_server import PortTaken
from shared.logs import logger, place, set_up_logs
from shared.secrets import SecretsMissing
from shared.settings import Settings
from shared.sqlite import InUse, WrongFile
from shared.worker_ports import Step

FAILED, WRONG, INTERRUPTED = 1, 2, 130
"""Exit codes: it ended by a failure; the start was refused until something is changed; Ctrl-C while it started."""
TOLD = (NotStarted, PortTaken, SecretsMissing, InUse, WrongFile, *OURS)
"""Their messages are for the operator."""


def run() -> None:
    """Start, serve until Ctrl-C or SIGTERM, drain, save. Whatever goes wrong ends in sentences, never in a trace."""
    terminal = Console(stderr=True, highlight=False)
    with ended(terminal):
        settings = read_settings()
    for line in probable_typos():
        _tell(terminal, line, style="yellow")
    set_up_logs(settings.log_level)
    try:
        _check_first_policy(settings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, terminal))
    except PolicyErrors as wrong:
        _tell(terminal, f"{settings.policy} is not in order; nothing was started:")
        for finding in wrong.findings:
            _tell(terminal, f"  {finding}", style="")
        raise typer.Exit(WRONG) from None
    except TOLD as fault:
        _tell(terminal, str(fault))
        raise typer.Exit(FAILED if isinstance(fault, OURS) else WRONG) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except Exception as fault:  # noqa: BLE001 - its message may quote a customer: what the log line says must do
        _tell(terminal, f"Sanad ended by a failure: {type(fault).__name__} at {place(fault)}. All it took in is kept.")
        raise typer.Exit(FAILED) from None


def _check_first_policy(settings: Settings) -> None:
    """Before anything is made: a folder without a log gets its policy now. Raises PolicyErrors, NotStarted."""
    if not (settings.folder / LOG_FILE).exists():
        load_policy(read_policy(settings.policy))


def _tell(terminal: Console, text: str, style: str = "red") -> None:
    terminal.print(text, style=style, markup=False, soft_wrap=True)


async def serve(settings: Settings, terminal: Console, step: Step = no_step) -> None:
    """Everything a start does, in order. Raises what refused or ended it."""
    terminal.print(f"Sanad starts; its log, documents and secrets are in {settings.folder.resolve()}", markup=False)
    log = logger("verb")
    log.info("starting")
    try:
        async with serving(settings, step) as running:
            obey_signals(running)
            desk, fresh = await start_desk(running.ports)
            people = await add_example_people(running.ports, desk) if fresh and settings.demo else 0
            if fresh:
                await hand_over_key(running.ports, desk)
            await greet(terminal, running, desk, people=people)
            log.info("ready", desk=desk, address=running.url)
            await running.stop.wait()
            terminal.print("Stopping: finishing what was taken in …")
    except Exception as fault:
        log.error("stopped by a failure", error=type(fault).__name__, where=place(fault))  # noqa: TRY400 - its message may quote a customer
        raise
    log.info("stopped")
