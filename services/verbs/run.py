"""`run`: the whole desk in one process on the embedded engine."""

import asyncio

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console

from services.verbs.example_people import add_example_people
from services.verbs.first_start import NotStarted, hand_over_key, start_desk
from services.verbs.serving import serving, until_told
from services.verbs.welcome import greet
from shared.engine import no_step
from shared.http_server import PortTaken
from shared.logs import logger, place, set_up_logs
from shared.policy.findings import PolicyErrors
from shared.secrets import SecretsMissing
from shared.settings import Settings
from shared.sqlite import InUse, WrongFile
from shared.worker_ports import Step

WRONG = 2
"""Exit code of a start that was refused: something has to be changed first."""
TOLD = (NotStarted, PortTaken, SecretsMissing, InUse, WrongFile)


def run() -> None:
    """Start, serve until Ctrl-C or SIGTERM, drain, save."""
    terminal = Console(stderr=True, highlight=False)
    try:
        settings = Settings()
    except ValidationError as fault:
        for error in fault.errors():
            name = "_".join(str(part) for part in error["loc"])
            terminal.print(f"SANAD_{name.upper()}: {error['msg']}", style="red", markup=False)
        raise typer.Exit(WRONG) from None
    set_up_logs(settings.log_level)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, terminal))
    except PolicyErrors as wrong:
        terminal.print(f"{settings.policy} is not in order; nothing was started:", style="red", markup=False)
        for finding in wrong.findings:
            terminal.print(f"  {finding}", markup=False)
        raise typer.Exit(WRONG) from None
    except TOLD as fault:
        terminal.print(str(fault), style="red", markup=False)
        raise typer.Exit(WRONG) from None


async def serve(settings: Settings, terminal: Console, step: Step = no_step) -> None:
    """Everything a start does, in order. Raises what refused or ended it."""
    terminal.print(f"Sanad starts; its log, documents and secrets are in {settings.folder.resolve()}", markup=False)
    log = logger("process")
    try:
        async with serving(settings, step) as running:
            desk, fresh = await start_desk(running.ports)
            people = await add_example_people(running.ports, desk) if fresh and settings.demo else 0
            if fresh:
                await hand_over_key(running.ports, desk)
            await greet(terminal, running, desk, people=people)
            log.info("ready", desk=desk, address=running.url)
            await until_told(running)
            terminal.print("Stopping: finishing what was taken in …")
    except Exception as fault:
        log.error("stopped by a failure", error=type(fault).__name__, where=place(fault))  # noqa: TRY400 - its message may quote a customer
        raise
    log.info("stopped")
