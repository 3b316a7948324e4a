"""What was asked to be rebuilt, as documents: whoever answers requests need not be who writes the projection."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Literal

from services.gateway.rebuild.rebuild import Result
from services.gateway.store import REBUILDS
from shared.clock import SECOND, Clock, Ms
from shared.documents import Conflict, Document, Documents, Where

State = Literal["waiting", "running", "done", "failed"]
OPEN = ("waiting", "running")
SILENCE: Ms = 30 * SECOND
"""Who rebuilds says every second how far it is; who says nothing for so long is gone, and another one begins anew."""
MOST = 200


@dataclass(frozen=True, slots=True)
class Order:
    """A rebuild somebody asked for, as far as it is. `seq` is its version."""

    desk: str
    projection: str
    state: State
    at: Ms
    told_at: Ms
    result: Result
    seq: int


class Orders:
    """The last order of each projection of each desk."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents, self._clock = documents.of(""), clock

    async def ask(self, desk: str, projection: str) -> Order:
        """A new order, or the one that is waiting or under way."""
        while True:
            known = await self.find(desk, projection)
            if known is not None and known.state in OPEN:
                return known
            now = self._clock.now()
            asked = Order(desk, projection, "waiting", now, now, Result(), known.seq if known else 0)
            if (order := await self._write(asked)) is not None:
                return order

    async def find(self, desk: str, projection: str) -> Order | None:
        """The last one."""
        stored = await self._documents.get(REBUILDS.name, _key(desk, projection))
        return None if stored is None else _order(stored)

    async def waiting(self) -> AsyncIterator[Order]:
        """Those nobody works on."""
        page = await self._documents.page(REBUILDS.name, where=[Where("state", "in", OPEN)], limit=MOST)
        for stored in page.documents:
            order = _order(stored)
            if order.state == "waiting" or self._clock.now() - order.told_at > SILENCE:
                yield order

    async def tell(self, order: Order, state: State, result: Result) -> Order | None:
        """Say how far it is. None: somebody else has changed it since, and it is theirs."""
        told = Order(order.desk, order.projection, state, order.at, self._clock.now(), result, order.seq)
        return await self._write(told)

    async def _write(self, order: Order) -> Order | None:
        body = {"state": order.state, "at": order.at, "told_at": order.told_at, "result": asdict(order.result)}
        key = _key(order.desk, order.projection)
        try:
            seq = await self._documents.replace(REBUILDS.name, key, body, order.seq or None)
        except Conflict:
            return None
        return Order(order.desk, order.projection, order.state, order.at, order.told_at, order.result, seq)


def _key(desk: str, projection: str) -> str:
    return f"{desk}/{projection}"


def _order(stored: Document) -> Order:
    desk, _, projection = stored.key.rpartition("/")
    body = stored.body
    return Order(desk, projection, body["state"], body["at"], body["told_at"], Result(**body["result"]), stored.seq)
