"""The SMTP listener: 250 means the mail is durable here, and nothing else does."""

import asyncio
import contextlib
import logging
import ssl
from asyncio import AbstractServer
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

from aiosmtpd.smtp import SMTP, Session

from services.ingest.channels.email.limits import MOST_BYTES
from services.ingest.channels.email.smtp_connection import Announced, Connection
from shared.clock import Ms
from shared.moves import DeskSealed
from shared.room import Holding, Room

_MOST_RECIPIENTS = 100
_ROOM_FOR_PATH = 1024


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who handed the mail over, for whom. `mail_from` is "" for the null path; recipients are desk addresses."""

    mail_from: str
    recipients: tuple[str, ...]
    peer: str


class Refused(Exception):
    """Raised by `accept` for a mail that will never be taken: answered 550, without detail."""


Accept = Callable[[bytes, Envelope], Awaitable[None]]
"""Returns once the raw mail is durable. Refused: 550. Anything else: 451, and the sender tries again."""
Knows = Callable[[str], Awaitable[int]]
"""How many bytes a mail to an address (with or without a reply token) may have; 0: it is of no desk here."""


@dataclass(frozen=True, slots=True)
class ListenerLimits:
    """Bounds on what strangers may hold here."""

    connections: int = 64
    connections_of_one: int = 16
    commands: int = 500
    timeout: Ms = 120_000
    """For every command, every portion of a mail, and to make it durable."""
    bytes: int = 64 << 20
    """Of all mails being taken; what makes one durable needs about twice its size again."""


class MailListener:
    """Takes mail on the running loop. `start`, then `stop`, which lets mails being accepted finish."""

    def __init__(
        self,
        accept: Accept,
        knows: Knows,
        *,
        hostname: str = "localhost",
        tls: ssl.SSLContext | None = None,
        limits: ListenerLimits | None = None,
        noticed: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        self._accept = accept
        self._knows = knows
        self._hostname = hostname
        self._tls = tls
        self._limits = limits or ListenerLimits()
        self.noticed = noticed
        """Told of each client: admitted, or turned_away where there is no room; and of mails that are not accepted
        because of their size: refused, or later."""
        self._room = Room(self._limits.bytes)
        self._server: AbstractServer | None = None
        self._open: dict[Connection, str] = {}
        self._accepting: set[asyncio.Task[None]] = set()
        self.stopping = False
        # The library finds its hooks by these names.
        self._hooks = SimpleNamespace(handle_RCPT=self._name_recipient, handle_exception=self._answer_trouble)

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (of interest when 0 was asked for). OSError when the address is taken."""
        # The library writes envelope addresses to its log, even in errors; our log holds no customer's address.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
        self._server = await asyncio.get_running_loop().create_server(self._connection, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self, grace: Ms = 10_000) -> None:
        """Take no more mail, wait up to `grace` for those being made durable, then close all connections. Idempotent."""
        self.stopping = True
        if self._server is not None:
            self._server.close()
        answers = [asyncio.ensure_future(connection.answered.wait()) for connection in self._open]
        if unfinished := [*self._accepting, *answers]:
            await asyncio.wait(unfinished, timeout=grace / 1_000)
        for answer in answers:
            answer.cancel()
        for connection in list(self._open):
            connection.dismiss()
        for task in list(self._accepting):
            task.cancel()
        if self._server is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), 1)

    def _connection(self) -> Connection:
        return Connection(
            self,
            self._hooks,
            data_size_limit=MOST_BYTES - _ROOM_FOR_PATH,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=self._hostname,
            ident="ESMTP",
            tls_context=self._tls,
            timeout=self._limits.timeout / 1_000,
            command_call_limit=self._limits.commands,
        )

    def admits(self, connection: Connection, peer: str) -> bool:
        """Whether there is room for one more, and for one more of this peer."""
        full = self.stopping or len(self._open) >= self._limits.connections
        if full or sum(one == peer for one in self._open.values()) >= self._limits.connections_of_one:
            self.noticed("turned_away")
            return False
        self._open[connection] = peer
        self.noticed("admitted")
        return True

    def forget(self, connection: Connection) -> None:
        self._open.pop(connection, None)

    async def _name_recipient(
        self, server: SMTP, session: Session, envelope: Announced, address: str, options: list[str]
    ) -> str:
        """Only desks here: this is no relay."""
        if self.stopping:
            return "421 4.3.2 Service is going down, try again"
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        most = await self._knows(address.lower())
        if not most:
            return "550 5.1.1 No such desk here"
        if envelope.size > most:
            return "552 5.3.4 Too much mail data for this desk"
        envelope.most = max(envelope.most, most)
        envelope.rcpt_tos.append(address.lower())
        return "250 2.1.5 OK"

    def holding(self, connection: Connection) -> Holding:
        return self._room.holding(self._open.get(connection, ""))

    async def take(self, connection: Connection, sender: str, raw: bytes, holding: Holding) -> str:
        recipients = tuple(cast("Announced", connection.envelope).rcpt_tos)
        told = Envelope(sender.lower(), recipients, self._open.get(connection, ""))
        # A client that hangs up now must not tear the append in two: it finishes, and a repeat is the same message.
        task = asyncio.ensure_future(self._make_durable(raw, told))
        self._accepting.add(task)
        connection.answered.clear()
        task.add_done_callback(self._finished)
        task.add_done_callback(lambda _task: holding.let_go())
        try:
            await asyncio.shield(task)
        except Refused:
            return "550 5.7.1 Not accepted"
        except DeskSealed:
            return "451 4.3.2 This desk is moving, try again later"
        except Exception:  # noqa: BLE001 - whatever went wrong is ours: the sender keeps the mail and tries again
            return "451 4.3.0 Temporary trouble here, try again"
        return "250 2.0.0 OK"

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._accepting.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, or the loop would log it when the client has hung up

    async def _make_durable(self, raw: bytes, envelope: Envelope) -> None:
        await self._accept(raw, envelope)

    async def _answer_trouble(self, error: Exception) -> str:
        return "451 4.3.0 Temporary trouble here, try again"
