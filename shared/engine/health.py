"""Whether the process lives and whether it may be given work, looked at once a second."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Literal

from shared.broker import BrokerUnavailable, OffsetOutOfRange
from shared.catalogue.topics import COMMANDS
from shared.clock import SECOND, Ms
from shared.desks import DESKS
from shared.documents import DocumentsUnavailable
from shared.engine.seat import Seat
from shared.logs import logger
from shared.service import Ports

LOOK_EVERY: Ms = SECOND
STALLED: Ms = 16 * SECOND
"""Input is there, the position does not move: from now on the process says that it is not alive."""
ENOUGH: Ms = 22 * SECOND
"""Nobody restarted it: it ends by itself, and has given back all it had half a minute after its input moved at the latest,
also where a busy machine takes seconds for that."""
AWAY: Ms = 5 * SECOND
"""Between two looks: the process as a whole stood still, and what it finds on waking is no standstill of one consumer."""
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
        clock, looked_at = self._ports.clock, self._ports.clock.monotonic()
        looking_back = asyncio.create_task(self._look_back())
        try:
            while True:
                if clock.monotonic() - looked_at > AWAY:
                    self._wake()
                looked_at = clock.monotonic()
                for seat in self._seats:
                    seat.look()
                stalled = self.stalled()
                if stalled and stalled != told:
                    self._log.error("a consumer stands still", consumer=", ".join(stalled))
                told = stalled
                if gone := self.stalled(ENOUGH):
                    raise Stalled(", ".join(gone))
                await clock.sleep(LOOK_EVERY)
        finally:
            looking_back.cancel()

    def stalled(self, limit: Ms = STALLED) -> list[str]:
        """Consumers whose input moves while their position does not."""
        now = self._ports.clock.monotonic()
        return [seat.name for seat in self._seats if seat.progress.busy and now - seat.progress.moved_at >= limit]

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

    async def _look_back(self) -> None:
        """Beside the watch: a log that gives its records slowly must not keep anybody from seeing who stands still."""
        while True:
            for seat in list(self._seats):
                if seat.progress.lag or seat.progress.age:
                    with suppress(BrokerUnavailable, OffsetOutOfRange):
                        await seat.look_back()
            await self._ports.clock.sleep(LOOK_EVERY)

    def _wake(self) -> None:
        for seat in self._seats:
            seat.progress.moved_at = self._ports.clock.monotonic()
