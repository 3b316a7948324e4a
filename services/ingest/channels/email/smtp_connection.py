"""One client of the SMTP listener, on top of the library's protocol."""

import asyncio
import re
from asyncio import BaseTransport
from typing import Any, AnyStr, Protocol, cast

from aiosmtpd.smtp import SMTP, Envelope, syntax

from services.ingest.channels.email.smtp_content import TooLarge, gather
from shared.room import Full, Holding

_READ_AHEAD = 64 * 1024
"""Bytes: twice as many are read at most before somebody wants them. A line of a mail may have any length."""
_UNSAFE = re.compile(r"[^!-~]+")


class Door(Protocol):
    """Who decides about room, and takes mails."""

    def admits(self, connection: "Connection", peer: str) -> bool:
        """Whether this client may stay; counts it if so."""

    def forget(self, connection: "Connection") -> None:
        """The client is gone."""

    def noticed(self, outcome: str) -> None:
        """A mail was refused, or is to come later, before its content was looked at."""

    def holding(self, connection: "Connection") -> Holding:
        """Room for the bytes of a mail."""

    async def take(self, connection: "Connection", sender: str, raw: bytes, holding: Holding) -> str:
        """What the client is answered for its mail. Sees to it that what it holds is let go of."""


class Announced(Envelope):
    """The library's notes on a mail before its content. `most` is what its most generous recipient takes, in bytes."""

    most: int = 0

    @property
    def size(self) -> int:
        """What the sender says (RFC 1870); 0 where nothing is said."""
        stated = (option.partition("=")[2] for option in self.mail_options if option.startswith("SIZE="))
        return int(next(stated, "0"))


class Connection(SMTP):
    """One client. `answered` is set unless a mail of it waits for its answer."""

    # The library takes it for the reader's limit, too.
    line_length_limit = _READ_AHEAD

    def __init__(self, door: Door, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._door = door
        self._turned_away = False
        self.answered = asyncio.Event()
        self.answered.set()

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        self.answered.set()
        # Neither reading nor writing waits while there is something to read: a hundred thousand empty lines are one turn.
        await asyncio.sleep(0)

    def _create_envelope(self) -> Envelope:
        return Announced()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - the library's name for the command
        """The library's own keeps an object per line and gives way to nobody while there is something to read."""
        if not await self._may_begin(arg):
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        status = await self._take_content()
        self.envelope = self._create_envelope()
        await self.push(status)

    async def _may_begin(self, arg: str | None) -> bool:
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return False
        if arg or self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return False
        return True

    async def _take_content(self) -> str:
        announced = cast("Announced", self.envelope)
        sender = _UNSAFE.sub("", announced.mail_from or "").strip("<>")
        # The envelope's sender tells bounces from people, so it travels with the bytes, above whatever they claim.
        head = b"Return-Path: <%s>\r\n" % sender.encode("ascii")
        holding = self._door.holding(self)
        try:
            most = min(announced.most, self.data_size_limit or 0)
            # The library's patience is for one command, and a long mail on a thin line takes longer than that.
            raw = await gather(self._reader, head, most, holding, self._reset_timeout)
        except TooLarge:
            self._door.noticed("refused")
            return "552 5.3.4 Too much mail data"
        except Full:
            self._door.noticed("later")
            return "452 4.3.1 Too much mail at once, try again"
        self._reset_timeout()
        return await self._door.take(self, sender, raw, holding)

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
