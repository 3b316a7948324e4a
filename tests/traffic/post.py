"""How a message gets to the desk: HTTP and SMTP, nothing else."""

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Self

import aiosmtplib
import httpx2

from tests.traffic.plan import Message

FILE_NAME = "صورة.png"
TRANSIENT = frozenset({408, 429, 500, 502, 503})


class Postman:
    """Sends through both doors of one desk; remembers what was acknowledged."""

    def __init__(self, url: str, form: str, smtp_port: int, mailbox: str) -> None:
        self._form, self._smtp_port, self.mailbox = form, smtp_port, mailbox
        # the form's own page is a site that may always post it
        self._http = httpx2.AsyncClient(base_url=url, timeout=15, headers={"Origin": url})
        self.acknowledged: dict[int, str] = {}
        """Number of each message that was answered 2xx; its id where the door told it."""
        self.refused: dict[int, str] = {}
        self.deliveries = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def deliver(self, batch: Sequence[Message], at_once: int = 12) -> None:
        """Everything of the batch, several at a time; repeats may overtake each other."""
        room = asyncio.Semaphore(at_once)

        async def one(message: Message) -> None:
            async with room:
                await self.send(message)

        await asyncio.gather(*(one(message) for message in batch))

    async def send(self, message: Message) -> bool:
        """One delivery. True when the desk took it."""
        self.deliveries += 1
        return await (self._post(message) if message.door == "form" else self._mail(message))

    async def _post(self, message: Message) -> bool:
        filled = {"name": message.customer, "email": message.address, "message": message.body}
        sent: dict[str, Any] = {"json": filled}
        if message.file:
            sent = {"data": filled, "files": {"files": (FILE_NAME, message.file, "image/png")}}
        try:
            answer = await self._http.post(
                f"/in/forms/{self._form}", headers={"Idempotency-Key": f"form-{message.number}"}, **sent
            )
        except httpx2.HTTPError:
            return False
        if answer.is_success:
            self.acknowledged[message.number] = answer.json()["message"]
        elif answer.status_code not in TRANSIENT:
            self.refused[message.number] = answer.text
        return answer.is_success

    async def _mail(self, message: Message) -> bool:
        taken = await self.send_mail(compose(message, self.mailbox), message.address)
        if taken:
            self.acknowledged.setdefault(message.number, "")
        return taken

    async def send_mail(self, mail: EmailMessage, sender: str, recipient: str = "") -> bool:
        """A mail as it is, to the desk's mailbox or one of its reply addresses. True when the desk took it."""
        try:
            await aiosmtplib.send(
                mail.as_bytes(), sender=sender, recipients=[recipient or self.mailbox],
                hostname="127.0.0.1", port=self._smtp_port, start_tls=False, timeout=15,
            )  # fmt: skip
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True


def compose(message: Message, mailbox: str) -> EmailMessage:
    """The same message is the same bytes every time."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{message.customer} <{message.address}>"
    mail["To"] = mailbox
    mail["Subject"] = message.subject
    mail["Message-ID"] = f"<{message.mark}@customers.example>"
    mail["Date"] = format_datetime(message.written_at)
    mail.set_content(message.body)
    if message.file:
        mail.add_attachment(message.file, maintype="image", subtype="png", filename=FILE_NAME)
        mail.set_boundary(f"==={message.mark}===")
    return mail
