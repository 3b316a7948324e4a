"""One client of the SMTP listener, on top of the library's protocol."""

import asyncio
from asyncio import BaseTransport
from typing import Any, AnyStr, Protocol, cast

from aiosmtpd.smtp import SMTP

_LONGEST_LINE = 1024 * 1024


class Door(Protocol):
    """Who decides about room."""

    def admits(self, connection: "Connection", peer: str) -> bool:
        """Whether this client may stay; counts it if so."""

    def forget(self, connection: "Connection") -> None:
        """The client is gone."""


class Connection(SMTP):
    """One client. `answered` is set unless a mail of it waits for its answer."""

    # The library's limit (1,001) would refuse mail that other servers let through.
    line_length_limit = _LONGEST_LINE

    def __init__(self, door: Door, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._door = door
        self._turned_away = False
        self.answered = asyncio.Event()
        self.answered.set()

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        self.answered.set()

    def connection_made(self, transport: BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        upgraded = self._original_transport is not None
        if not upgraded and not self._door.admits(self, str(peer[0]) if peer else ""):
            self._turned_away = True
            plain = cast("asyncio.Transport", transport)
            plain.write(b"421 4.3.2 Too many connections, try again\r\n")
            plain.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._door.forget(self)
        self.answered.set()
        if not self._turned_away:
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        return False if self._turned_away else super().eof_received()

    def dismiss(self) -> None:
        """Say goodbye (RFC 5321 allows 421 at any time) and close."""
        transport = self.transport
        if transport is not None and not transport.is_closing():
            cast("asyncio.Transport", transport).write(b"421 4.3.2 Service is going down, try again\r\n")
            transport.close()
