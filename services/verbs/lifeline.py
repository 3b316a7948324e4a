"""Children that end when who started them is gone, however it went: they read a line nobody else holds."""

import os
import signal
import threading

LIFELINE = "LIFELINE"
"""In the environment of who is to hold on: the number of the descriptor."""


def hold_on() -> None:
    """End this process cleanly, as by SIGTERM, once the other end of its line is closed. Without a line: nothing."""
    line = os.environ.get(LIFELINE)
    if line:
        threading.Thread(target=_hold, args=(int(line),), name="lifeline", daemon=True).start()


def _hold(line: int) -> None:
    while os.read(line, 1):
        """Nobody writes."""
    os.kill(os.getpid(), signal.SIGTERM)
