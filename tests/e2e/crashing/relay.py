"""The relay our mail goes to: takes everything, counts what came twice, hands letters to the customers."""

import asyncio
from collections import Counter
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from tests.e2e.letters import Letter


class Relay:
    """A mail server of somebody else's, which outlives our crashes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.arrived: Counter[str] = Counter()
        """By Message-ID: how often."""
        self.letters: list[Letter] = []
        self._server: asyncio.AbstractServer | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.protocol, "127.0.0.1", self.port)

    def protocol(self) -> asyncio.Protocol:
        """Of a new connection."""
        served: asyncio.Protocol = SMTP(self, hostname="relay.example")
        return served

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        content = envelope.content
        mail = message_from_bytes(content if isinstance(content, bytes) else b"", policy=WIRE)
        assert isinstance(mail, EmailMessage)
        letter = Letter(str(len(self.letters)), mail)
        self.arrived[letter.message_id] += 1
        if self.arrived[letter.message_id] == 1:
            self.letters.append(letter)
        return "250 OK"

    @property
    def repeats(self) -> int:
        """Mails that came once more than they should."""
        return sum(self.arrived.values()) - len(self.arrived)
