"""Whether the process lives and whether it may be given work, looked at once a second."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal

from shared.broker import BrokerUnavailable
from shared.catalogue.topics import COMMANDS
from shared.clock import SECOND, Ms
from shared.desks import DESKS
from shared.documents import DocumentsUnavailable
from shared.engine.seat import Seat
from shared.logs import logger
from shared.service import Ports

LOOK_EVERY: Ms = SECOND
STALLED: Ms = 30 * SECOND
"""Input is there, the position does not move: from now on the process says that it is not alive."""
ENOUGH: Ms = 45 * SECOND
"""Nobody restarted it: it ends by itself."""
BEHIND: Ms = 30 * SECOND
STORE_PATIENCE: Ms = 2 * SECOND

State = Literal["starting", "running", "draining"]


class Stalled(Exception):
    """A consumer stands still although there is something to do. The message names it."""


class Health:
    """What /livez and /readyz answer."""

    def __init__(self, ports: Ports, seats: Iterable[Seat], settled: Callable[[], bool]) -> None:
        self._ports, self._seats, self._settled = ports, seats, settled
        self._log = logger("health")
        self.state: State = "starting"

    async def watch(self) -> None:
        """Look for ever. Raises Stalled."""
        told: list[str] = []
        while True:
            if self.state != "starting":
                await self._look()
            stalled = self.stalled()
            if stalled and stalled != told:
                self._log.error("a consumer stands still", consumer=", ".join(stalled))
            told = stalled
            if gone := self.stalled(ENOUGH):
                raise Stalled(", ".join(gone))
            await self._ports.clock.sleep(LOOK_EVERY)

    def stalled(self, limit: Ms = STALLED) -> list[str]:
        """Consumers whose input moves while their position does not."""
        now = self._ports.clock.monotonic()
        return [seat.name for seat in self._seats if seat.progress.lag and now - seat.progress.moved_at >= limit]

    async def reasons(self) -> list[str]:
        """Why the process may not be given work now: nothing, when it may."""
        if self.state != "running":
            return [self.state]
        if not self._settled():
            return ["joining"]
        behind = [f"behind: {seat.name}" for seat in self._seats if seat.progress.age > BEHIND]
        log, documents = await asyncio.gather(
            self._answers(self._ports.broker.bounds(COMMANDS.name, 0)),
            self._answers(self._ports.documents.of("").count(DESKS.name)),
        )
        silent = [name for name, there in (("log", log), ("documents", documents)) if not there]
        return behind + [f"no answer: {name}" for name in silent]

    async def _answers(self, question: Awaitable[Any]) -> bool:
        try:
            await asyncio.wait_for(question, STORE_PATIENCE / SECOND)
        except (BrokerUnavailable, DocumentsUnavailable, TimeoutError):
            return False
        return True

    async def _look(self) -> None:
        for seat in self._seats:
            try:
                # before it is loaded, a worker stands nowhere
                if seat.loaded:
                    await seat.look()
            except BrokerUnavailable:
                return
