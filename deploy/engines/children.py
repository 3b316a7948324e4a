"""Processes in the background: start one and wait until it says it is ready, watch it, hurt it, end it.

Synchronous, so that the command line and fixtures of any scope can use it. A child outlives us on purpose (`up` ends,
the engine stays), therefore each one carries a mark by which a later call knows that the pid is still that process.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOOK = 0.05
PATIENCE = 60.0
LAST_LINES = 15


class ChildFailed(Exception):
    """It ended, or was not ready in time. Says what it wrote last."""


@dataclass(slots=True)
class Child:
    """A process of ours. `mark` is a part of its command line that no other process has."""

    name: str
    pid: int
    mark: str
    log: Path
    popen: "subprocess.Popen[bytes] | None" = field(default=None, compare=False, repr=False)


def start(
    name: str,
    command: Sequence[str],
    *,
    mark: str,
    log: Path,
    ready: str,
    patience: float = PATIENCE,
    environment: Mapping[str, str] | None = None,
) -> Child:
    """Launch, and return once a line of its log matches `ready`. Raises ChildFailed."""
    child = launch(name, command, mark=mark, log=log, environment=environment)
    try:
        await_line(child, ready, patience)
    except BaseException:
        kill(child)
        raise
    return child


def launch(
    name: str, command: Sequence[str], *, mark: str, log: Path, environment: Mapping[str, str] | None = None
) -> Child:
    """Begin `command` with its output in `log`, without waiting for anything.

    `mark` has to be in the command, for instance the folder only this process works in.
    """
    if not any(mark in part for part in command):
        raise ValueError(f"{mark} is not in the command of {name}")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        popen = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    return Child(name, popen.pid, mark, log, popen)


def await_line(child: Child, ready: str, patience: float = PATIENCE) -> None:
    """Wait for a line of its log that matches `ready`. Raises ChildFailed with its last lines."""
    deadline = time.monotonic() + patience
    while re.search(ready, said(child)) is None:
        if not alive(child):
            raise ChildFailed(f"{child.name} ended before it was ready. Its last lines:\n{last_lines(child)}")
        if time.monotonic() > deadline:
            raise ChildFailed(
                f"{child.name} was not ready after {patience:.0f} s. Its last lines:\n{last_lines(child)}"
            )
        time.sleep(LOOK)


def alive(child: Child) -> bool:
    """Whether it still runs. A process that took over its pid is not it."""
    if child.popen is not None:
        return child.popen.poll() is None
    shown = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(child.pid)], capture_output=True, text=True, check=False
    )
    return child.mark in shown.stdout


def stop(child: Child, patience: float = 15.0) -> None:
    """SIGTERM, and SIGKILL when that does not end it in time. Idempotent."""
    terminate(child)
    deadline = time.monotonic() + patience
    while alive(child) and time.monotonic() < deadline:
        time.sleep(LOOK)
    kill(child)


def terminate(child: Child) -> None:
    """Ask it to end, without waiting."""
    _signal(child, signal.SIGTERM)
    _signal(child, signal.SIGCONT)  # a stopped one would take no SIGTERM


def kill(child: Child) -> None:
    """SIGKILL; returns when it is gone. Idempotent."""
    _signal(child, signal.SIGKILL)
    while alive(child):
        time.sleep(LOOK / 5)


def pause(child: Child) -> None:
    """SIGSTOP: to others it looks like a machine that hangs."""
    _signal(child, signal.SIGSTOP)


def resume(child: Child) -> None:
    """SIGCONT."""
    _signal(child, signal.SIGCONT)


def said(child: Child) -> str:
    """All it wrote."""
    return child.log.read_text("utf-8", errors="replace") if child.log.exists() else ""


def last_lines(child: Child) -> str:
    """The end of what it wrote, for a message."""
    return "\n".join(f"  {line}" for line in said(child).splitlines()[-LAST_LINES:])


def noted(child: Child) -> dict[str, Any]:
    """As JSON."""
    return {"name": child.name, "pid": child.pid, "mark": child.mark, "log": str(child.log)}


def found(note: Mapping[str, Any]) -> Child:
    """A child of an earlier call."""
    return Child(note["name"], note["pid"], note["mark"], Path(note["log"]))


def _signal(child: Child, number: signal.Signals) -> bool:
    if not alive(child):
        return False
    try:
        os.kill(child.pid, number)
    except ProcessLookupError:
        return False
    return True
