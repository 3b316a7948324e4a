"""The processes of the services as children of one: started, asked whether they are ready, watched, stopped."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from services.verbs.ending import ChildEnded
from services.verbs.lifeline import LIFELINE
from shared.clock import SECOND, Ms
from shared.http_server import free_port
from shared.settings import Settings

CHILDREN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "router": ("router", {}),
    "sla": ("sla", {}),
    "survey": ("survey", {}),
    "projector": ("gateway", {"SANAD_ROLE": "projector"}),
    "ingest": ("ingest", {"SANAD_HTTP_PORT": "0"}),
    "gateway": ("gateway", {"SANAD_ROLE": "http"}),
}
"""Name of the process → service, and what its settings have of their own."""
FOLLOWERS = ("survey", "projector")
"""No decision waits for them: where cores are short they leave them to the others."""
NICENESS = 5
LOOK: Ms = SECOND // 10
GRACE: Ms = 40 * SECOND
"""For children to drain; then they are killed, which loses nothing that was acknowledged."""


class Child:
    """A process of a service, and the port where it tells operators how it is."""

    def __init__(self, name: str, port: int, process: asyncio.subprocess.Process) -> None:
        self.name, self._port, self.process = name, port, process

    async def ready(self) -> None:
        """Wait until it would take work."""
        ready = False
        while not ready:
            await asyncio.sleep(LOOK / SECOND)
            ready = await self.is_ready()

    async def is_ready(self) -> bool:
        """Whether it would take work."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        try:
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return (await reader.readline()).split(b" ")[1:2] == [b"200"]
        except OSError:
            return False
        finally:
            writer.close()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when that does not end it in time."""
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), GRACE / SECOND)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def children_of(settings: Settings) -> AsyncIterator[list[Child]]:
    """All processes, from the first line of the block to its last."""
    children: list[Child] = []
    try:
        for name in CHILDREN:
            child = await _start(name, settings)
            children.append(child)
        yield children
    finally:
        await asyncio.gather(*(child.stop() for child in children))


async def _start(name: str, settings: Settings) -> Child:
    service, own = CHILDREN[name]
    port = free_port("127.0.0.1")
    environment = {
        **os.environ, "SANAD_PUBLIC_URL": settings.public_url, "SANAD_METRICS_HOST": "127.0.0.1",
        "SANAD_METRICS_PORT": str(port), LIFELINE: "0", **own,
    }  # fmt: skip
    # a group of its own: Ctrl-C is for this process, which stops the others in its own time; its end of their standard
    # input is closed when it is killed
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"services.{service}", env=environment, start_new_session=True,
        stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    step_back(name, process.pid)
    return Child(name, port, process)


def step_back(name: str, process: int) -> None:
    """Of a process that has just begun: its threads will be as it is."""
    if name in FOLLOWERS:
        # nobody but root may take a step forward
        os.setpriority(os.PRIO_PROCESS, process, max(NICENESS, os.getpriority(os.PRIO_PROCESS, process)))


async def watch(children: Sequence[Child]) -> None:
    """Raises ChildEnded when one ends."""
    ends = {asyncio.create_task(child.process.wait()): child for child in children}
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
    child = ends[done.pop()]
    raise ChildEnded(f"{child.name} ended with exit code {child.process.returncode}; all is stopped")
