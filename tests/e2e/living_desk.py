"""A desk in a process of its own, in a folder of its own, on free ports."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx2

HOUSE = Path(__file__).resolve().parents[2]
START = 120
"""Seconds a start may take on a busy machine before it counts as failed."""


class LivingDesk:
    """Start, stop, kill, start again: the folder and the ports stay."""

    def __init__(self, folder: Path, policy: Path, module: str = "services", *arguments: str) -> None:
        self.folder, self.policy = folder / "desk", policy
        self.http_port, self.smtp_port = free_port(), free_port()
        self._command = [sys.executable, "-m", module, *(arguments or ("run",))]
        self._log = folder / "process.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def start(self, **environment: str) -> float:
        """Start and wait until it answers: after how many seconds. Raises AssertionError with its log when it never does."""
        began = time.monotonic()
        self.launch(**environment)
        self.wait_until_up()
        return time.monotonic() - began

    def launch(self, **environment: str) -> None:
        ours = {
            "SANAD_FOLDER": str(self.folder), "SANAD_POLICY": str(self.policy), "SANAD_DEMO": "true",
            "SANAD_HTTP_PORT": str(self.http_port), "SANAD_SMTP_PORT": str(self.smtp_port),
        }  # fmt: skip
        rest = {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=HOUSE, env=rest | ours | self.environment | environment, stdout=log, stderr=log
            )

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START
        key = self.folder / "admin.key"
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise AssertionError(f"the desk ended while starting:\n{self.log()}")
            try:
                if key.exists() and httpx2.get(f"{self.url}/readyz", timeout=2).is_success:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the desk did not come up:\n{self.log()}")

    def wait_until_dead(self) -> int:
        """The exit code: minus the number of the signal that killed it."""
        if self._process is None:
            raise AssertionError("the desk was not started")
        return self._process.wait(timeout=START)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the running process."""
        if self._process is None:
            raise AssertionError("the desk was not started")
        return self._process.pid

    async def end(self, patience: float) -> None:
        """Wait until it has ended, at most so many seconds."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, max(0, patience))

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=60)

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-6_000:] if self._log.exists() else ""

    @property
    def watched_at(self) -> list[str]:
        """Where each of its processes answers operators, as it says itself."""
        said = self._log.read_text(errors="replace") if self._log.exists() else ""
        return re.findall(r'"address": "([^"]+)", "event": "operators are answered"', said)

    @property
    def key(self) -> str:
        return (self.folder / "admin.key").read_text()

    def client(self) -> httpx2.Client:
        """The administrator's client."""
        return httpx2.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=15)


def free_port() -> int:
    """A port below the ephemeral ones that nobody listens on."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0 and port not in _TAKEN:
                _TAKEN.add(port)
                return port
    raise AssertionError("no free port")


_TAKEN: set[int] = set()
