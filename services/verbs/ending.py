"""How a process that serves ends: in sentences and an exit code, never in a trace."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import typer
import uvloop
from rich.console import Console

from services.gateway.policy_file.findings import PolicyErrors
from services.verbs.moving.knowing import NotWhole
from shared.broker import NotLetIn, WrongLog
from shared.engine.telling import OURS
from shared.http_server import PortTaken
from shared.logs import place
from shared.secrets import SecretsMissing
from shared.settings import Settings
from shared.sqlite import InUse, WrongFile
from shared.worker import LogTruncated

FAILED, WRONG, INTERRUPTED = 1, 2, 130
"""Exit codes: it ended by a failure; the start was refused until something is changed; Ctrl-C while it started."""


class NotStarted(Exception):
    """The desk could not be set up; the message says what to do."""


class ChildEnded(Exception):
    """A process of a service ended although nobody stopped it; its log says why."""


REFUSALS = (NotStarted, NotWhole, PortTaken, SecretsMissing, InUse, WrongFile, WrongLog, NotLetIn, LogTruncated)
"""No start helps until somebody has put something right."""
TOLD = (*REFUSALS, ChildEnded, *OURS)
"""Their messages are for the operator."""


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run it to its end in a loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


@contextmanager
def ending(terminal: Console, settings: Settings, told: tuple[type[Exception], ...] = TOLD) -> Iterator[None]:
    """Whatever goes wrong in the block is told. `told` are errors whose messages are for the operator."""
    try:
        yield
    except PolicyErrors as wrong:
        tell(terminal, f"{settings.policy} is not in order; nothing was started:")
        for finding in wrong.findings:
            tell(terminal, f"  {finding}", style="")
        raise typer.Exit(WRONG) from None
    except typer.Exit:
        raise
    except told as fault:
        tell(terminal, str(fault))
        raise typer.Exit(
            FAILED if isinstance(fault, (ChildEnded, *OURS)) and not isinstance(fault, REFUSALS) else WRONG
        ) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except Exception as fault:  # noqa: BLE001 - its message may quote a customer: what the log line says must do
        tell(terminal, f"Sanad ended by a failure: {type(fault).__name__} at {place(fault)}. All it took in is kept.")
        raise typer.Exit(FAILED) from None


def tell(terminal: Console, text: str, style: str = "red") -> None:
    """A line for the operator."""
    terminal.print(text, style=style, markup=False, soft_wrap=True)
