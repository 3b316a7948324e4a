"""One process of a service in the house: started, hurt, looked at. A name says of what, up to its dash."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from tests.e2e.crash_launcher import DEATH
from tests.e2e.living_desk import HOUSE, free_port

SERVICES = {
    "router": "router", "sla": "sla", "survey": "survey", "ingest": "ingest", "projector": "gateway", "http": "gateway",
}  # fmt: skip
CONSUMERS = {
    "router": "router", "sla": "sla", "survey": "survey", "projector": "console", "ingest": "ingest.outbox",
}  # fmt: skip
"""Whose position tells who has a partition."""
DESKS_PARTITION = 0
"""The first of an installation."""
HELD = b'sanad_consumer_position_records{consumer="%s",partition="%d"}'
LOOK = 0.1
PATIENCE = 300
"""Seconds anything may take on a busy machine."""


class Member:
    """`own` is what its environment has of its own; `lasting` whether it is known to its group by its name."""

    def __init__(self, name: str, folder: Path, own: Mapping[str, str], *, lasting: bool = True) -> None:
        self.name, self._own = name, dict(own)
        self.kind = name.partition("-")[0]
        self.operators = free_port()
        self.log = folder / f"{name}.log"
        self.death = ""
        self.next_deaths: list[str] = []
        """What it dies of after that, each time it is started again."""
        self.lives = 0
        """How often it was started."""
        self.holds = False
        """Whether the desk's partition was its own when somebody last looked; somebody asleep still thinks so."""
        self._tree = HOUSE
        self.wanted = False
        """Whether it is to run: who dies although it is gets started again."""
        self.frozen = self.told = False
        """Whether it sleeps; whether it was told to stop."""
        self.started_at = 0.0
        self._lasting = lasting
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str], death: str = "", **more: str) -> None:
        """Begin; with `death` it kills itself there."""
        self.death, self.wanted, self.started_at = death, True, time.monotonic()
        self.frozen = self.told = self.holds = False
        self.lives += 1
        own = {
            "SANAD_MEMBER": self.name if self._lasting else "", "SANAD_METRICS_PORT": str(self.operators),
            "SANAD_ROLE": self.kind if self.kind in {"projector", "http"} else "all",
            **({DEATH: death} if death else {}),
        }  # fmt: skip
        rest = {key: value for key, value in os.environ.items() if not key.startswith("SANAD_")}
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self._line(), cwd=self._tree,
                env=rest | dict(environment) | own | self._own | more, stdout=log, stderr=log,
            )  # fmt: skip

    def runs(self, tree: Path) -> None:
        """From now on it is started from that tree: another version's has no launcher of ours."""
        self._tree = tree

    def _line(self) -> list[str]:
        service = SERVICES[self.kind]
        own = ["tests.faults.launcher", service] if self._tree == HOUSE else [f"services.{service}"]
        return [sys.executable, "-m", *own]

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def code(self) -> int | None:
        """The exit code; minus the number of the signal that killed it; None while it runs."""
        return None if self._popen is None else self._popen.poll()

    def kill(self) -> None:
        """SIGKILL: no goodbye, and its children with it in time."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def freeze(self) -> None:
        self.frozen = True
        self._tell(signal.SIGSTOP)

    def thaw(self) -> None:
        self.frozen = False
        self._tell(signal.SIGCONT)

    def tell_to_stop(self) -> None:
        """SIGTERM, heard also by one that sleeps."""
        self.told = True
        self._tell(signal.SIGTERM)
        self._tell(signal.SIGCONT)

    async def stop(self) -> int:
        """Tell it to stop; the exit code."""
        self.wanted = False
        if self._popen is None:
            return 0
        self.tell_to_stop()
        return await asyncio.to_thread(self._popen.wait, PATIENCE)

    async def is_ready(self) -> bool:
        """Whether it would take work, as it says itself."""
        return (await self._ask("/readyz")).startswith(b"HTTP/1.1 200")

    async def look(self) -> None:
        """See whether it has the desk's partition, as its figures say."""
        consumer = CONSUMERS.get(self.kind)
        if consumer and self.alive and not self.frozen:
            said = await self._ask("/metrics")
            if said and not self.frozen:
                self.holds = HELD % (consumer.encode(), DESKS_PARTITION) in said

    async def _ask(self, path: str) -> bytes:
        """The whole answer of its operators' port; nothing where there is none."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.operators)
                try:
                    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                    return await reader.read()
                finally:
                    writer.close()
        return b""

    def weight(self) -> tuple[int, int]:
        """Resident bytes and open files, (0, 0) where it is gone."""
        if self._popen is not None:
            with suppress(psutil.Error):
                seen = psutil.Process(self._popen.pid)
                return seen.memory_info().rss, seen.num_fds()
        return 0, 0

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3_000:] if self.log.exists() else ""

    def _tell(self, number: signal.Signals) -> None:
        if self.alive and self._popen is not None:
            self._popen.send_signal(number)
