import asyncio
import smtplib
import uuid
from functools import partial

import pytest

from services.ingest.channels.email.child import MailReader
from services.ingest.channels.email.compose import Letter, compose, reply_subject
from services.ingest.channels.email.mail import Address, ParsedMail
from services.ingest.channels.email.smtp_in import Envelope, MailListener
from services.ingest.channels.email.smtp_out import Relay, Submission
from services.ingest.channels.email.threads import find_thread, own_message_id, own_messages, reply_address
from shared.catalogue.values import FollowUp, Thread

pytestmark = pytest.mark.anyio

KEYS = [b"a key of the desk" * 2]
CONVERSATION, DELIVERY, TICKET = (str(uuid.UUID(int=number)) for number in (1, 2, 3))
INHERITED = FollowUp(ticket=TICKET, number=1024, team="billing")


class Server:
    """A mail server of somebody: ours, or the customer's."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[tuple[bytes, Envelope]] = asyncio.Queue()
        self.listener = MailListener(self.accept, self.knows)

    async def accept(self, raw: bytes, envelope: Envelope) -> None:
        await self.got.put((raw, envelope))

    async def knows(self, address: str) -> int:
        return 1 << 20

    async def next_mail(self) -> tuple[ParsedMail, Envelope]:
        raw, envelope = await asyncio.wait_for(self.got.get(), 10)
        return await MailReader().read(raw), envelope


def submit(port: int, sender: str, to: str, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail(sender, [to], raw)


def question() -> bytes:
    fields = "From: =?utf-8?B?2LPYp9ix2Kk=?= <sara@example.org>\r\nTo: support@example.com\r\nMessage-ID: <asked@example.org>\r\n"
    return f"{fields}Subject: طلبي\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nأين طلبي؟\r\n".encode()


def answer_to(mail: ParsedMail) -> Letter:
    assert mail.sender is not None
    return Letter(
        message_id=own_message_id("example.com", "desk", CONVERSATION, DELIVERY, INHERITED, KEYS),
        sender=Address("support@example.com", "الدعم"),
        reply_to=reply_address("support@example.com", "desk", CONVERSATION, KEYS),
        to=mail.sender,
        subject=reply_subject(mail.subject),
        text="سيصل غداً.",
        date=1_700_000_000_000,
        language="ar",
        in_reply_to=mail.message_id,
        references=mail.references,
    )


def thanks(mail: ParsedMail, *, keep_address: bool = True, keep_ids: bool = True) -> bytes:
    to = mail.reply_to[0].address if keep_address else "support@example.com"
    ids = f"In-Reply-To: {mail.message_id}\r\n" if keep_ids else ""
    quoted = "".join(f"> {line}\r\n" for line in mail.text.strip().split("\n"))
    body = f"شكراً، بانتظاره\r\n\r\nفي ٢٠/٠٣/٢٠٢٤، الساعة ١٠:٠٠ ص، كتب الدعم <support@example.com>:\r\n{quoted}"
    return f"From: sara@example.org\r\nTo: {to}\r\n{ids}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}".encode()


async def test_a_question_its_answer_and_the_thanks_stay_one_conversation() -> None:
    desk, customer = Server(), Server()
    desk_port = await desk.listener.start("127.0.0.1", 0)
    customer_port = await customer.listener.start("127.0.0.1", 0)
    try:
        await asyncio.to_thread(partial(submit, desk_port, "sara@example.org", "support@example.com", question()))
        asked, envelope = await desk.next_mail()
        assert (asked.text.strip(), asked.subject, asked.sender) == (
            "أين طلبي؟",
            "طلبي",
            Address("sara@example.org", "سارة"),
        )
        assert find_thread(asked, envelope.recipients, "desk", KEYS) is None

        relay = Relay("127.0.0.1", customer_port, tls="none", local_name="desk.example.com")
        assert (await Submission(relay).send(compose(answer_to(asked)))).result == "delivered"
        answered, _ = await customer.next_mail()
        assert (answered.text.strip(), answered.in_reply_to, answered.automatic) == (
            "سيصل غداً.",
            ("<asked@example.org>",),
            None,
        )

        for reply in (thanks(answered), thanks(answered, keep_address=False), thanks(answered, keep_ids=False)):
            await asyncio.to_thread(partial(submit, desk_port, "sara@example.org", "support@example.com", reply))
            thanked, envelope = await desk.next_mail()
            thread = find_thread(thanked, envelope.recipients, "desk", KEYS)
            assert thread is not None
            assert thread.conversation == CONVERSATION
            assert thanked.reply == "شكراً، بانتظاره"
    finally:
        await desk.listener.stop()
        await customer.listener.stop()


async def test_a_bounce_finds_the_delivery_it_is_about_and_a_late_reply_its_inheritance() -> None:
    desk = Server()
    port = await desk.listener.start("127.0.0.1", 0)
    letter = compose(answer_to(await MailReader().read(question())))
    report = (
        b"From: MAILER-DAEMON@example.org\r\nSubject: failed\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\n\r\nfailed\r\n--r\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; sara@example.org\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\n"
        + letter.raw
        + b"\r\n--r--\r\n"
    )
    try:
        await asyncio.to_thread(partial(submit, port, "", letter.mail_from, report))
        bounce, envelope = await desk.next_mail()
    finally:
        await desk.listener.stop()
    assert bounce.automatic == "bounce"
    assert (bounce.bounces[0].recipient, bounce.bounces[0].permanent) == ("sara@example.org", True)
    assert [one.delivery for one in own_messages(bounce.concerns, "desk", KEYS)] == [DELIVERY]
    assert find_thread(bounce, envelope.recipients, "desk", KEYS) == Thread(conversation=CONVERSATION)
    late = await MailReader().read(thanks(await MailReader().read(letter.raw)))
    assert find_thread(late, (), "desk", KEYS) == Thread(conversation=CONVERSATION, follow_up=INHERITED)
    assert find_thread(late, (), "desk", [b"another key" * 3]) is None
