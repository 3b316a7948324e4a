import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from services.ingest.channels.email.compose import Letter, Outgoing, compose
from services.ingest.channels.email.mail import Address
from services.ingest.channels.email.smtp_out import Outcome, Relay, Submission

pytestmark = pytest.mark.anyio


@dataclass
class Receiver:
    """A relay that answers what it is told to, or hangs up."""

    answers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    got: list[tuple[str | None, list[str], bytes]] = field(default_factory=list)

    async def _mail(self, server: SMTP, session: Session, envelope: Received, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def _rcpt(self, server: SMTP, session: Session, envelope: Received, address: str, options: list[str]) -> str:
        answer = self.answers.get(address, self.answers.get("RCPT", "250 OK"))
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def _content(self, server: SMTP, session: Session, envelope: Received) -> str:
        assert isinstance(envelope.content, bytes)
        self.got.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
        return self.answers.get("DATA", "250 OK")

    def hooks(self) -> SimpleNamespace:
        return SimpleNamespace(handle_MAIL=self._mail, handle_RCPT=self._rcpt, handle_DATA=self._content)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def submission(receiver: Receiver) -> AsyncIterator[Submission]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(receiver.hooks(), hostname="relay", loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield Submission(Relay("127.0.0.1", port, tls="none", local_name="desk.example.com", timeout=5_000))
    server.close()


def outgoing(*, automatic: bool = False, copied: tuple[str, ...] = ()) -> Outgoing:
    return compose(
        Letter(
            message_id="<1@example.com>",
            sender=Address("support@example.com", "Support"),
            reply_to="support+c.x@example.com",
            to=Address("sara@example.org"),
            subject="طلبك",
            text=".\nمرحبا\n.\n",
            date=0,
            copied=tuple(Address(one) for one in copied),
            automatic=automatic,
        )
    )


async def test_a_mail_is_handed_over_byte_by_byte(receiver: Receiver, submission: Submission) -> None:
    mail = outgoing()
    assert await submission.send(mail) == Outcome("delivered", 250)
    assert receiver.got == [("support+c.x@example.com", ["sara@example.org"], mail.raw)]


async def test_automatic_mail_goes_out_with_the_null_sender(receiver: Receiver, submission: Submission) -> None:
    await submission.send(outgoing(automatic=True))
    assert receiver.got[0][0] == "<>"


@pytest.mark.parametrize(
    ("step", "answer", "result"),
    [
        ("MAIL", "550 no", "permanent"),
        ("MAIL", "451 later", "temporary"),
        ("RCPT", "550 5.1.1 unknown", "permanent"),
        ("RCPT", "450 greylisted", "temporary"),
        ("DATA", "554 spam", "permanent"),
        ("DATA", "452 full", "temporary"),
    ],
)
async def test_the_relay_s_answer_decides_the_outcome(
    receiver: Receiver, submission: Submission, step: str, answer: str, result: str
) -> None:
    receiver.answers[step] = answer
    outcome = await submission.send(outgoing())
    assert (outcome.result, outcome.code) == (result, int(answer[:3]))


async def test_a_refused_copy_does_not_keep_the_customer_from_the_answer(
    receiver: Receiver, submission: Submission
) -> None:
    receiver.answers["cc@example.org"] = "550 unknown"
    outcome = await submission.send(outgoing(copied=("cc@example.org", "ok@example.org")))
    assert outcome == Outcome("delivered", 250, refused=("cc@example.org",))
    assert receiver.got[0][1] == ["sara@example.org", "ok@example.org"]


async def test_a_connection_lost_after_the_mail_was_handed_over_is_unknown(
    receiver: Receiver, submission: Submission
) -> None:
    receiver.hang_up = True
    assert (await submission.send(outgoing())).result == "unknown"
    assert len(receiver.got) == 1


async def test_a_relay_that_is_not_there_is_temporary() -> None:
    assert (await Submission(Relay("127.0.0.1", 1, tls="none", timeout=2_000)).send(outgoing())).result == "temporary"


async def test_a_relay_without_the_demanded_encryption_gets_nothing(receiver: Receiver, submission: Submission) -> None:
    relay = submission._relay
    strict = Submission(Relay(relay.host, relay.port, tls="start", timeout=2_000))
    assert (await strict.send(outgoing())).result == "temporary"
    assert receiver.got == []
