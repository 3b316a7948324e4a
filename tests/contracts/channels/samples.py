"""For every channel a sample of what it takes in, and of what proves it: a new row of CHANNELS needs one here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiosmtplib

from shared.policy.terms import Channel
from tests.unit.ingest.desk import KEY, SITE, Doors
from tests.unit.ingest.mail import letter, send


@dataclass(frozen=True)
class Sample:
    """`deliver` hands a message over with its proof and says whether it was taken; `forge` does without the proof.

    `number` is what the sender calls the message, `text` what it says.
    """

    deliver: Callable[[Doors, str, str], Awaitable[bool]]
    forge: Callable[[Doors, str], Awaitable[bool]]
    unreadable: Callable[[Doors], Awaitable[bool]]


async def post_form(doors: Doors, number: str, text: str, *, origin: str = SITE) -> bool:
    form = {"email": "huda@example.com", "message": text}
    given = {"Origin": origin, "Idempotency-Key": number}
    answer = await doors.client.post(f"/in/forms/{KEY}", json=form, headers=given)
    return answer.is_success


async def forge_form(doors: Doors, text: str) -> bool:
    return await post_form(doors, "1", text, origin="https://evil.example")


async def post_rubbish(doors: Doors) -> bool:
    given = {"Origin": SITE, "Content-Type": "application/json"}
    return (await doors.client.post(f"/in/forms/{KEY}", content=b"{", headers=given)).is_success


async def send_mail(doors: Doors, number: str, text: str, *, to: str = "help@acme.example") -> bool:
    try:
        await send(doors, letter(text, Message_ID=f"<{number}@example.com>"), to=(to,))
    except aiosmtplib.SMTPException:
        return False
    return True


async def forge_mail(doors: Doors, text: str) -> bool:
    """The mail door's proof is that the organisation's own server hands over mail for its own addresses."""
    return await send_mail(doors, "1", text, to="somebody@elsewhere.example")


async def send_rubbish(doors: Doors) -> bool:
    raw = letter("x" * 10, Content_Type='multipart/mixed; boundary="b"').replace(b"x" * 10, b"--b\r\n\r\n" * 400)
    try:
        await send(doors, raw)
    except aiosmtplib.SMTPException:
        return False
    return True


SAMPLES: Mapping[Channel, Sample] = {
    Channel.WEBFORM: Sample(post_form, forge_form, post_rubbish),
    Channel.EMAIL: Sample(send_mail, forge_mail, send_rubbish),
}
