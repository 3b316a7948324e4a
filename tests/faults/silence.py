"""A process that stands still and goes on living: its worker waits for what never comes, or its shell brings nothing any more."""

import asyncio
import time
from pathlib import Path
from typing import Any

from shared.brokers.kafka import KafkaBroker
from shared.worker_ports import Step

SILENT = "SILENT"
"""`worker:<file>` or `shell:<file>`; the file is written when it falls silent."""
WORKER, SHELL = "worker", "shell"


def fall_silent(told: str, otherwise: Step) -> Step:
    """The step of a process that was told to. Before it has anything to do it is like any other."""
    how, _, file = told.partition(":")

    def note() -> None:
        if not Path(file).exists():
            Path(file).write_text(str(time.time_ns() // 1_000_000))

    def bring_nothing(*_: Any) -> None:
        note()

    async def hang(step: str) -> None:
        if step == "applied":
            note()
            await asyncio.Event().wait()
        await otherwise(step)

    if how == SHELL:
        KafkaBroker.take = bring_nothing  # type: ignore[assignment,method-assign]  # what every shell brings its records to
        return otherwise
    return hang
