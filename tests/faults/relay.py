"""A relay that may tire: it still takes connections, and says nothing any more."""

import asyncio

from tests.e2e.crashing.relay import Relay


class Silent(asyncio.Protocol):
    """A connection nobody answers on."""

    def __init__(self, calls: set[asyncio.BaseTransport]) -> None:
        self._calls = calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._calls.add(transport)

    def connection_lost(self, _fault: Exception | None) -> None:
        self._calls = {call for call in self._calls if not call.is_closing()}


class TiringRelay(Relay):
    """While `tired` it accepts and never answers; who waited then is hung up on."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.tired = False
        self._calls: set[asyncio.BaseTransport] = set()

    def protocol(self) -> asyncio.Protocol:
        return Silent(self._calls) if self.tired else super().protocol()

    def wake(self) -> None:
        """It works again."""
        self.tired = False
        for call in self._calls:
            call.close()
        self._calls.clear()
