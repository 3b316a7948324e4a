"""Mail to and from a desk over real SMTP on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace

import aiosmtplib
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from shared.ids import random_id
from tests.unit.ingest.desk import Doors


def free_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return int(plug.getsockname()[1])


@asynccontextmanager
async def running(doors: Doors, *names: str) -> AsyncIterator[None]:
    """The named loops of the service, until the block ends."""
    tasks = [asyncio.ensure_future(loop.run()) for loop in doors.service.loops if loop.name in {"policies", *names}]
    try:
        if "mail" in names:
            await _listening(doors.ports.settings.smtp_port)
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_known(doors: Doors) -> None:
    """Until the doors say of whom they do not find that there is no such form."""
    while (await doors.client.get("/in/forms/pk_nobody_has_this")).status_code == 503:  # noqa: ASYNC110 - asked over HTTP, as anybody would
        await asyncio.sleep(0.002)


async def _listening(port: int) -> None:
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(0.01)


def letter(text: str = "I lost my card", **fields: str | None) -> bytes:
    """A customer's mail; fields are given with underscores, None leaves one out."""
    head = {
        "From": "Huda <huda@example.com>",
        "To": "help@acme.example",
        "Subject": "Card",
        "Message-ID": "<1@example.com>",
        "Content-Type": "text/plain; charset=utf-8",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}" for name, value in head.items() if value is not None]
    return "\r\n".join([*lines, "", text, ""]).encode()


def bounce(message_id: str, recipient: str, status: str, action: str = "failed") -> bytes:
    """A delivery report as RFC 3464 has it."""
    return (
        "From: MAILER-DAEMON@mx.example.com\r\nTo: help@acme.example\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <{random_id()}@mx.example.com>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


async def send(
    doors: Doors, raw: bytes, *, sender: str = "huda@example.com", to: tuple[str, ...] = ("help@acme.example",)
) -> None:
    """Hand a mail over. Raises what smtplib raises for a refusal."""
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=doors.ports.settings.smtp_port, start_tls=False)
    async with client:
        await client.sendmail(sender, list(to), raw)


@dataclass
class Relay:
    """Whom our mail is submitted to: says what it is told to say, and keeps what it took."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    slow: float = 0
    got: list[tuple[str, EmailMessage]] = field(default_factory=list)
    recipients: list[tuple[str, ...]] = field(default_factory=list)
    """Of each mail it took, whom it took it for."""
    most_at_once: int = 0
    _at_once: int = 0

    async def _rcpt(self, server: SMTP, session: Session, envelope: Received, address: str, options: list[str]) -> str:
        answer = self.answers.get(address, self.answers.get("RCPT", "250 OK"))
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def _content(self, server: SMTP, session: Session, envelope: Received) -> str:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(self.slow)
        self._at_once -= 1
        assert isinstance(envelope.content, bytes)
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("2") and not self.hang_up:
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.got.append((envelope.rcpt_tos[0], mail))
            self.recipients.append(tuple(envelope.rcpt_tos))
        return answer

    @property
    def texts(self) -> list[str]:
        return [text_of(mail) for _, mail in self.got]

    def hooks(self) -> SimpleNamespace:
        return SimpleNamespace(handle_RCPT=self._rcpt, handle_DATA=self._content)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).strip()


@asynccontextmanager
async def open_relay() -> AsyncIterator[Relay]:
    relay, loop = Relay(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(relay.hooks(), hostname="relay", loop=loop), "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
