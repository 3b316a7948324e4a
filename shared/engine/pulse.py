"""A second pair of eyes: when the event loop does not come round any more, nothing inside it can say so."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable

from shared.clock import SECOND, Ms
from shared.logs import logger

EVERY: Ms = SECOND
MOST_MISSED = 30
BLOCKED = 70
"""Exit code (EX_SOFTWARE)."""


def end_blocked() -> None:
    """Say where the loop hangs and end the process: all that was acknowledged is durable."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - there is no other way to look
    where = f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}" if frame else ""
    logger("pulse").error("the event loop is blocked; ending", where=where, seconds=MOST_MISSED)
    os._exit(BLOCKED)


class Pulse:
    """Counts the loop's beats from a thread of its own.

    Missed beats are counted by the thread's own rounds, not by a clock: a process that was stopped as a whole and
    continued has missed nothing.
    """

    def __init__(
        self, end: Callable[[], None] = end_blocked, every: Ms = EVERY, most_missed: int = MOST_MISSED
    ) -> None:
        self._end, self._every, self._most = end, every / SECOND, most_missed
        self._beats = 0
        self._over = threading.Event()

    async def run(self) -> None:
        """Beat until cancelled."""
        thread = threading.Thread(target=self._watch, name="pulse", daemon=True)
        thread.start()
        try:
            while True:
                self._beats += 1
                await asyncio.sleep(self._every / 2)
        finally:
            self._over.set()

    def _watch(self) -> None:
        missed, last = 0, -1
        while not self._over.wait(self._every):
            missed = missed + 1 if self._beats == last else 0
            last = self._beats
            if missed >= self._most:
                self._end()
                return
