"""The rebuilds this process can do: of projections it writes itself, one after another."""

import asyncio
from contextlib import suppress

from services.gateway.handlers import PROJECTIONS
from services.gateway.rebuild.orders import Order, Orders
from services.gateway.rebuild.rebuild import Rebuild
from shared.clock import SECOND, Ms
from shared.desks import DeskPlace, Desks
from shared.documents import DocumentsUnavailable
from shared.logs import logger, place
from shared.service import Ports

BY_NAME = {projection.name: projection for projection in PROJECTIONS}
LOOK: Ms = SECOND


class Rebuilds:
    """Any number may be asked for, at any process; nobody's is done twice at once."""

    def __init__(self, ports: Ports, desks: Desks) -> None:
        self._ports, self._desks = ports, desks
        self._orders = Orders(ports.documents, ports.clock)
        self._asked = asyncio.Event()
        self._log = logger("gateway")

    async def ask(self, desk: DeskPlace, name: str) -> Order:
        """Have a projection of a desk rebuilt; the one under way, if there is one. Raises KeyError: no such projection."""
        order = await self._orders.ask(desk.id, BY_NAME[name].name)
        self._asked.set()
        return order

    async def find(self, desk: str, name: str) -> Order | None:
        """The last one asked for, and how far it is."""
        return await self._orders.find(desk, name)

    async def run(self) -> None:
        """Rebuild what is asked for, for ever: here at once, elsewhere at the next look."""
        while True:
            self._asked.clear()
            try:
                async for order in self._orders.waiting():
                    await self._take(order)
            except DocumentsUnavailable:
                await self._ports.clock.sleep(SECOND)
            with suppress(TimeoutError):
                # not wait_for: in Python 3.11 it may forget that it was cancelled
                async with asyncio.timeout(LOOK / SECOND):
                    await self._asked.wait()

    async def _take(self, order: Order) -> None:
        """Do it, unless its worker is another process's, or somebody was faster."""
        desk, ports = await self._desks.find(order.desk), self._ports
        if desk is None or not ports.turns.has(order.projection, desk.partition):
            return
        projection = BY_NAME[order.projection]
        folder = ports.settings.folder
        rebuild = Rebuild(ports.broker, ports.documents, ports.turns, ports.clock, folder, desk, projection)
        mine = await self._orders.tell(order, "running", rebuild.result)
        if mine is not None:
            await self._do(mine, rebuild)

    async def _do(self, order: Order, rebuild: Rebuild) -> None:
        """One that fails has changed nothing that was right."""
        doing = asyncio.create_task(rebuild.run(), name="rebuild")
        try:
            while not doing.done():
                await asyncio.wait({doing}, timeout=LOOK / SECOND)
                if not doing.done():
                    order = await self._orders.tell(order, "running", rebuild.result) or order
            fault = doing.exception()
        finally:
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
        if fault is not None and not self._ports.turns.has(order.projection, rebuild.place.partition):
            # whatever it failed by: its worker has moved to another process meanwhile, which finds the order there
            await self._orders.tell(order, "waiting", rebuild.result)
        elif fault is not None:
            await self._orders.tell(order, "failed", rebuild.result)
            self._log.error("a rebuild failed", error=type(fault).__name__, where=place(fault))
        else:
            await self._orders.tell(order, "done", rebuild.result)
            self._log.info("rebuilt", desk=order.desk, count=rebuild.result.documents)
