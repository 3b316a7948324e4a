"""The desk with its death built in: `DEATH=<point>:<n>` kills the process the n-th time it passes that point.

Started as a program by tests only. Nothing is imported on top: mail's child processes read this file again.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

DEATH, SAVE_EVERY = "DEATH", "SAVE_EVERY"
Points = dict[str, tuple[str, str, str, str]]
WORKER_POINTS = ("applied", "accompanied", "written", "published", "saving", "saved")
"""The named steps of every worker (`shared/worker_ports.py`)."""
POINTS: Points = {
    "blob kept": ("shared.blobs", "Blobs", "put", "after"),
    "message durable": ("services.ingest.intake", "Intake", "take", "after"),
    "write durable": ("services.gateway.writing", "Commands", "_append", "after"),
    "log committing": ("shared.brokers.sqlite_log", "Log", "commit", "before"),
    "log committed": ("shared.brokers.sqlite_log", "Log", "commit", "after"),
    "documents committing": ("shared.stores.sqlite_writer", "Writer", "commit", "before"),
    "documents committed": ("shared.stores.sqlite_writer", "Writer", "commit", "after"),
    "checkpoint without manifest": ("shared.checkpoints", "", "write_parts", "after"),
    "delivery claimed": ("services.ingest.delivery.outbox", "Outbox", "claim", "after"),
    "delivery sent": ("services.ingest.channels.mailbox.posting", "MailSender", "send", "after"),
    "delivery concluded": ("services.ingest.delivery.outbox", "Outbox", "conclude", "after"),
    "delivery reported": ("services.ingest.delivery.outbox", "Outbox", "finish", "before"),
}
"""Between being durable and being told, at the doors and in the stores: module, class, function, before or after it."""
ALL_POINTS = (*WORKER_POINTS, *POINTS)


class Death:
    """Counts the passes of one point."""

    def __init__(self, told: str) -> None:
        self.point, _, count = told.rpartition(":")
        self._left = int(count)

    def passed(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def step(self, name: str) -> None:
        """The workers' hook."""
        if name == self.point:
            self.passed()


def build_in(death: Death, points: Points = POINTS) -> None:
    """Wrap the function of a point outside the workers. Raises LookupError for a point nobody knows."""
    from importlib import import_module
    from inspect import iscoroutinefunction

    if death.point in WORKER_POINTS:
        return
    module, owner, name, when = points[death.point]
    holder: Any = import_module(module)
    holder = getattr(holder, owner) if owner else holder
    original: Callable[..., Any] = getattr(holder, name)

    async def later(*given: Any, **named: Any) -> Any:
        if when == "before":
            death.passed()
        result = await original(*given, **named)
        if when == "after":
            death.passed()
        return result

    def at_once(*given: Any, **named: Any) -> Any:
        if when == "before":
            death.passed()
        result = original(*given, **named)
        if when == "after":
            death.passed()
        return result

    setattr(holder, name, later if iscoroutinefunction(original) else at_once)


def main() -> None:
    import asyncio

    import uvloop
    from rich.console import Console

    from services.verbs.run import serve
    from shared import saving
    from shared.engine import no_step
    from shared.logs import set_up_logs
    from shared.settings import Settings
    from shared.worker_ports import Step

    step: Step = no_step
    if told := os.environ.get(DEATH):
        death = Death(told)
        build_in(death)
        step = death.step
    saving.SAVE_AT_LEAST = int(os.environ.get(SAVE_EVERY, saving.SAVE_AT_LEAST))
    settings = Settings()
    set_up_logs(settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, Console(stderr=True, highlight=False), step))


if __name__ == "__main__":
    main()
