"""The rebuilds of this process: one after another, each as far as it is."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from services.gateway.handlers import PROJECTIONS
from services.gateway.rebuild.rebuild import Rebuild
from shared.clock import Ms
from shared.desks import DeskPlace
from shared.logs import logger, place
from shared.service import Ports

BY_NAME = {projection.name: projection for projection in PROJECTIONS}


@dataclass(slots=True)
class Asked:
    """A rebuild somebody asked for."""

    rebuild: Rebuild
    at: Ms
    state: Literal["waiting", "running", "done", "failed"] = "waiting"


class Rebuilds:
    """Any number may be asked for; nobody's is done twice at once."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._latest: dict[tuple[str, str], Asked] = {}
        self._queue: asyncio.Queue[Asked] = asyncio.Queue()
        self._log = logger("gateway")

    def ask(self, desk: DeskPlace, name: str) -> Asked:
        """Have a projection of a desk rebuilt; the one under way, if there is one. Raises KeyError: no such projection."""
        latest = self.find(desk.id, name)
        if latest is not None and latest.state in {"waiting", "running"}:
            return latest
        ports = self._ports
        rebuild = Rebuild(ports.broker, ports.documents, ports.turns, ports.clock, desk, BY_NAME[name])
        asked = self._latest[desk.id, name] = Asked(rebuild, ports.clock.now())
        self._queue.put_nowait(asked)
        return asked

    def find(self, desk: str, name: str) -> Asked | None:
        """The last one asked for in this process."""
        return self._latest.get((desk, name))

    async def run(self) -> None:
        """Rebuild what is asked for, for ever. One that fails has changed nothing that was right."""
        while True:
            asked = await self._queue.get()
            asked.state = "running"
            try:
                await asked.rebuild.run()
            except Exception as fault:  # noqa: BLE001 - a projection that cannot be rebuilt is no reason to stop the desk
                asked.state = "failed"
                self._log.error("a rebuild failed", error=type(fault).__name__, where=place(fault))
            else:
                asked.state = "done"
                self._log.info("rebuilt", desk=asked.rebuild.place.id, count=asked.rebuild.result.documents)
