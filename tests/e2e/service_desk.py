"""A desk whose services are processes of their own on the session's engines: each may be killed, paused, started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.e2e.living_desk import HOUSE, LivingDesk, free_port
from tests.e2e.policies import write_fast_policy
from tests.engines.installation import on_kafka

FORM = "/in/forms/pk_waha_contact"
SERVICES = {
    "router": "router", "sla": "sla", "survey": "survey", "ingest": "ingest", "projector": "gateway", "http": "gateway",
}  # fmt: skip
PATIENCE = 180
"""Seconds anything may take on a busy machine."""


class ServiceDesk:
    """Installed as on a cluster; every process is started alone."""

    def __init__(self, folder: Path, policy: Path, shell: str) -> None:
        first = self._first = LivingDesk(folder, policy)
        first.environment.update(on_kafka(shell))
        self._log = folder / "services.log"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ports: dict[str, int] = {}
        self.watched: dict[str, int] = {}
        """Where each process answers operators."""
        self.smtp_port = free_port()

    @property
    def environment(self) -> dict[str, str]:
        """The settings that say where its engines are."""
        return self._first.environment

    @property
    def url(self) -> str:
        return self._first.url

    def start(self, name: str, member: str = "", launcher: tuple[str, ...] = ()) -> None:
        """A process; `name` says of what, up to a dash. A `member` keeps its partitions over a restart. A `launcher` is a
        module of the tests with its arguments, which starts the service otherwise."""
        kind = name.partition("-")[0]
        port = self.ports[name] = self._first.http_port if name == "http" else free_port()
        self.watched[name] = self.watched.get(name) or free_port()
        own = {
            "SANAD_HTTP_PORT": str(port), "SANAD_MEMBER": member, "SANAD_METRICS_PORT": str(self.watched[name]),
            "SANAD_SMTP_PORT": str(self.smtp_port if name == "ingest" else free_port()),
            "SANAD_ROLE": kind if kind in {"projector", "http"} else "all",
        }  # fmt: skip
        with self._log.open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", *(launcher or (f"services.{SERVICES[kind]}",))], cwd=HOUSE,
                env=self._environment() | own, stdout=log, stderr=log,
            )  # fmt: skip

    def open(self) -> None:
        """As an operator does: prepare, start one process of each, under lasting names, and open the desk."""
        self._install("--before")
        for name in SERVICES:
            self.start(name, f"{name}-0")
        for name in SERVICES:
            self.wait_until_it_answers(name)
        self._install()

    def _install(self, *options: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "services", "install", *options], cwd=HOUSE, env=self._environment(),
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + self.log()

    def _environment(self) -> dict[str, str]:
        rest = {key: value for key, value in os.environ.items() if not key.startswith("SANAD_")}
        ours = {
            "SANAD_FOLDER": str(self._first.folder), "SANAD_POLICY": str(self._first.policy), "SANAD_DEMO": "true",
            "SANAD_PUBLIC_URL": self.url,
        }  # fmt: skip
        return rest | self._first.environment | ours

    def wait_until_it_answers(self, name: str) -> None:
        """Ready for work, as it says to operators."""

        def answers() -> bool:
            try:
                return httpx2.get(f"http://127.0.0.1:{self.watched[name]}/readyz", timeout=2).is_success
            except httpx2.HTTPError:
                return False

        self.until(answers, f"{name} answers")

    def tell(self, name: str, number: signal.Signals) -> None:
        self._processes[name].send_signal(number)

    def kill(self, name: str) -> None:
        """SIGKILL: no goodbye."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def ended(self, name: str) -> int | None:
        """The exit code of who ended by itself, or None."""
        return self._processes[name].poll()

    def stop(self, name: str) -> int:
        """SIGTERM, and the exit code."""
        process = self._processes[name]
        process.terminate()
        process.send_signal(signal.SIGCONT)
        code = process.wait(timeout=PATIENCE)
        del self._processes[name]
        return code

    def wait_for_end(self, name: str) -> int:
        """The exit code of who ends by itself; some things are looked at only twice a minute."""
        code = self._processes[name].wait(timeout=3 * PATIENCE)
        del self._processes[name]
        return code

    def stop_all(self) -> None:
        for name in list(self._processes):
            try:
                self.stop(name)
            except subprocess.TimeoutExpired:
                self.kill(name)

    def client(self, name: str = "http") -> httpx2.Client:
        """The administrator's client, of that process."""
        key = {"Authorization": f"Bearer {self._first.key}"}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.ports[name]}", headers=key, timeout=15)

    def write(self, number: int, name: str = "http") -> str | None:
        """A customer of that number fills in the form; the message's id, where it was taken."""
        filled = {"name": "Amal", "email": f"amal{number}@example.com", "message": f"I lost my card {number}"}
        try:
            answer = httpx2.post(
                f"http://127.0.0.1:{self.ports[name]}{FORM}", json=filled, headers={"Origin": self.url}, timeout=15
            )
        except httpx2.HTTPError:
            return None
        return str(answer.json()["message"]) if answer.is_success else None

    def opened(self, name: str = "http") -> list[str]:
        """The opening messages of all tickets."""
        return [ticket["opening"] for ticket in self._pages(name, "/v1/tickets")]

    def events(self, name: str = "http", after: str | None = None) -> tuple[list[dict[str, Any]], str]:
        """Up to ten events after a cursor, and the next one."""
        query = {"limit": "10"} | ({"after": after} if after else {})
        with self.client(name) as client:
            page = client.get("/v1/events", params=query).raise_for_status().json()
        return page["items"], page["next"]

    def rebuild(self, projection: str) -> dict[str, Any]:
        """Have it rebuilt; what was found."""
        found: dict[str, Any] = {}

        def ended() -> bool:
            found.update(client.get(path).raise_for_status().json())
            return found["state"] in {"done", "failed"}

        path = f"/v1/projections/{projection}/rebuild"
        with self.client() as client:
            client.post(path).raise_for_status()
            self.until(ended, f"{projection} is rebuilt")
        return found

    def until(self, condition: Any, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"never: {what}\n{self.log()}"
            time.sleep(0.1)

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-6_000:] if self._log.exists() else ""

    def _pages(self, name: str, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        with self.client(name) as client:
            after: str | None = None
            while True:
                query = {"limit": "200"} | ({"after": after} if after else {})
                page = client.get(path, params=query).raise_for_status().json()
                found += page["items"]
                after = page["next"]
                if after is None:
                    return found


@contextmanager
def opened(folder: Path, shell: str) -> Iterator[ServiceDesk]:
    """A desk with promises of seconds; nothing of it lives on."""
    desk = ServiceDesk(folder, write_fast_policy(folder, acknowledges=False), shell)
    try:
        desk.open()
        yield desk
    finally:
        desk.stop_all()
