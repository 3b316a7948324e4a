"""A network that can be hurt: it passes bytes on between clients and one server, and may lose, delay or cut them."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import cast

HOST = "127.0.0.1"


class Call:
    """One connection through the proxy."""

    def __init__(self) -> None:
        self.client: asyncio.Transport | None = None
        self.server: asyncio.Transport | None = None
        self.early: list[bytes] = []
        """What the client said before the server was reached."""
        self.loses_answers = self.loses_all = False

    @property
    def spoiled(self) -> bool:
        return self.loses_answers or self.loses_all

    def end(self) -> None:
        """Both sides hear that it is over, without a goodbye."""
        for side in (self.client, self.server):
            if side is not None:
                side.abort()


class Proxy:
    """In front of one server, or of several that take turns. `delay` is in seconds, each way."""

    def __init__(self, port: int, *servers: int) -> None:
        self.port, self._servers = port, deque(servers)
        self.delay = 0.0
        self._calls: set[Call] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Side(self, Call(), of_client=True), HOST, self.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._end(lambda _call: True)

    def slow(self, delay: float) -> None:
        """Everything takes so many seconds longer."""
        self.delay = delay

    def lose_answers(self, draw: random.Random, share: float) -> None:
        """Of that share of the connections: what is asked arrives, what is answered does not."""
        for call in self._drawn(draw, share):
            call.loses_answers = True

    def lose_all(self, draw: random.Random, share: float) -> None:
        """Of that share of the connections nothing arrives any more on either side, and nobody is told."""
        for call in self._drawn(draw, share):
            call.loses_all = True

    def heal(self) -> None:
        """What lost anything is cut, everything else goes on."""
        self.delay = 0.0
        self._end(lambda call: call.spoiled)

    def cut(self) -> None:
        """Every connection ends now."""
        self._end(lambda _call: True)

    async def reach(self, call: Call) -> None:
        """Connect a client's call to the server whose turn it is, or to one that is there, or hang up."""
        loop = asyncio.get_running_loop()
        self._calls.add(call)
        self._servers.rotate()
        for server in tuple(self._servers):
            with suppress(OSError):
                await loop.create_connection(lambda: Side(self, call, of_client=False), HOST, server)
                break
        if call.server is None or call not in self._calls:
            self.over(call)

    def over(self, call: Call) -> None:
        self._calls.discard(call)
        call.end()

    def _drawn(self, draw: random.Random, share: float) -> list[Call]:
        return [call for call in list(self._calls) if draw.random() < share]

    def _end(self, which: Callable[[Call], bool]) -> None:
        for call in [call for call in self._calls if which(call)]:
            self.over(call)


class Side(asyncio.Protocol):
    """One side of a call: what it says goes to the other."""

    def __init__(self, proxy: Proxy, call: Call, *, of_client: bool) -> None:
        self._proxy, self._call, self._of_client = proxy, call, of_client
        self._reaching: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        own = cast("asyncio.Transport", transport)  # not every loop's is a subclass
        if self._of_client:
            self._call.client = own
            self._reaching = asyncio.get_running_loop().create_task(self._proxy.reach(self._call))
        else:
            # at once: what the client says from now on must not overtake it
            own.write(b"".join(self._call.early))
            self._call.server = own

    def data_received(self, content: bytes) -> None:
        call = self._call
        other = call.server if self._of_client else call.client
        if other is None:
            call.early.append(content)
            return
        if call.loses_all or (call.loses_answers and not self._of_client):
            return
        if self._proxy.delay:
            asyncio.get_running_loop().call_later(self._proxy.delay, _write, other, content)
        else:
            _write(other, content)

    def connection_lost(self, _fault: Exception | None) -> None:
        self._proxy.over(self._call)


def _write(to: asyncio.Transport, content: bytes) -> None:
    if not to.is_closing():
        to.write(content)
