import asyncio
import smtplib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import pytest

from services.ingest.channels.email.smtp_in import Envelope, ListenerLimits, MailListener, Refused

pytestmark = pytest.mark.anyio

DESK = "support@example.com"
MAIL = b"From: sara@example.org\r\nSubject: hi\r\n\r\nhello\r\n.dots\r\n"


@dataclass
class Desk:
    """A desk that keeps what it is given, and can be told to fail."""

    taken: list[tuple[bytes, Envelope]] = field(default_factory=list)
    trouble: Exception | None = None
    gate: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, raw: bytes, envelope: Envelope) -> None:
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        self.taken.append((raw, envelope))

    async def knows(self, address: str) -> int:
        if address == "broken@example.com":
            raise OSError
        sizes = {DESK: 26 << 20, "small@example.com": 1_000, "support+c.abc@example.com": 1_000}
        return sizes.get(address, 0)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def port(desk: Desk) -> AsyncIterator[int]:
    listener = MailListener(desk.accept, desk.knows, limits=ListenerLimits(connections=3, connections_of_one=2))
    yield await listener.start("127.0.0.1", 0)
    await listener.stop()


async def talk(work: Callable[[], object]) -> object:
    return await asyncio.to_thread(work)


def send(port: int, raw: bytes = MAIL, sender: str = "Sara@example.org", to: tuple[str, ...] = (DESK,)) -> object:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        try:
            return client.sendmail(sender, list(to), raw)
        except smtplib.SMTPResponseException as error:
            return error.smtp_code
        except smtplib.SMTPRecipientsRefused as error:
            return {address: code for address, (code, _) in error.recipients.items()}


async def test_a_mail_is_answered_250_after_it_was_accepted_byte_by_byte(desk: Desk, port: int) -> None:
    assert await talk(partial(send, port)) == {}
    ((raw, envelope),) = desk.taken
    assert raw == b"Return-Path: <Sara@example.org>\r\n" + MAIL
    assert envelope == Envelope("sara@example.org", (DESK,), "127.0.0.1")


async def test_the_null_sender_arrives_as_such(desk: Desk, port: int) -> None:
    await talk(partial(send, port, sender=""))
    assert desk.taken[0][1].mail_from == ""
    assert desk.taken[0][0].startswith(b"Return-Path: <>\r\n")


async def test_reply_addresses_are_known_and_strangers_are_not(desk: Desk, port: int) -> None:
    assert await talk(partial(send, port, to=("support+c.abc@example.com",))) == {}
    assert await talk(partial(send, port, to=("other@example.net",))) == {"other@example.net": 550}
    assert len(desk.taken) == 1


async def test_a_copy_to_a_stranger_does_not_keep_the_desk_from_its_mail(desk: Desk, port: int) -> None:
    refused = await talk(partial(send, port, to=(DESK, "other@example.net")))
    assert isinstance(refused, dict)
    assert list(refused) == ["other@example.net"]
    assert desk.taken[0][1].recipients == (DESK,)


async def test_trouble_of_ours_is_temporary_and_shows_nothing_of_itself(desk: Desk, port: int) -> None:
    desk.trouble = RuntimeError("the secret reason")

    def dialogue() -> bytes:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.ehlo()
            client.mail("sara@example.org")
            client.rcpt(DESK)
            code, words = client.data(MAIL)
            return b"%d %s" % (code, words)

    answer = await talk(dialogue)
    assert isinstance(answer, bytes)
    assert answer.startswith(b"451")
    assert b"secret" not in answer
    desk.trouble = None
    assert await talk(partial(send, port)) == {}


async def test_trouble_while_looking_up_an_address_is_temporary(port: int) -> None:
    assert await talk(partial(send, port, to=("broken@example.com",))) == {"broken@example.com": 451}


async def test_what_will_never_be_taken_is_answered_550(desk: Desk, port: int) -> None:
    desk.trouble = Refused()
    assert await talk(partial(send, port)) == 550


async def test_too_large_a_mail_is_refused_before_it_is_sent(desk: Desk, port: int) -> None:
    def announce() -> int:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.ehlo()
            return client.mail("sara@example.org", ["SIZE=30000000"])[0]

    assert await talk(announce) == 552
    assert desk.taken == []


async def test_too_large_a_mail_that_lies_about_its_size_is_refused(desk: Desk, port: int) -> None:
    def lie() -> int:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.ehlo()
            client.mail("sara@example.org")
            client.rcpt(DESK)
            return client.data(b"Subject: x\r\n\r\n" + b"x" * 75 * 1000 + (b"y" * 998 + b"\r\n") * 27_000)[0]

    assert await talk(lie) == 552
    assert desk.taken == []


async def test_lines_longer_than_the_standard_allows_are_taken(desk: Desk, port: int) -> None:
    body = b"Subject: x\r\n\r\n" + b"x" * 100_000 + b"\r\n"
    assert await talk(partial(send, port, raw=body)) == {}
    assert desk.taken[0][0].endswith(body)


async def test_one_peer_cannot_hold_all_connections(desk: Desk, port: int) -> None:
    def crowd() -> str:
        first, second = (smtplib.SMTP("127.0.0.1", port, timeout=10) for _ in range(2))
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=10):
                return "admitted"
        except smtplib.SMTPConnectError as error:
            return str(error.smtp_code)
        finally:
            first.close()
            second.close()

    assert await talk(crowd) == "421"
    for _ in range(100):
        if await talk(partial(_opens, port)):
            break
        await asyncio.sleep(0.01)
    assert await talk(partial(send, port)) == {}


def _opens(port: int) -> bool:
    try:
        smtplib.SMTP("127.0.0.1", port, timeout=10).close()
    except smtplib.SMTPException:
        return False
    return True


async def test_a_client_that_hangs_up_does_not_stop_an_append_that_has_begun(desk: Desk, port: int) -> None:
    desk.gate = asyncio.Event()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n" + MAIL + b"\r\n.\r\n"
    )
    await asyncio.wait_for(desk.entered.wait(), 10)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.05)
    desk.gate.set()
    for _ in range(100):
        await asyncio.sleep(0.01)
        if desk.taken:
            break
    assert len(desk.taken) == 1


async def test_stopping_lets_the_mail_in_hand_finish_and_takes_no_more(desk: Desk) -> None:
    desk.gate = asyncio.Event()
    listener = MailListener(desk.accept, desk.knows)
    port = await listener.start("127.0.0.1", 0)

    def hand_over() -> int:
        client = smtplib.SMTP("127.0.0.1", port, timeout=10)
        client.ehlo()
        client.mail("sara@example.org")
        client.rcpt(DESK)
        code = client.data(MAIL)[0]
        client.close()
        return code

    sending = asyncio.ensure_future(talk(hand_over))
    await asyncio.wait_for(desk.entered.wait(), 10)
    stopping = asyncio.ensure_future(listener.stop())
    await asyncio.sleep(0.05)
    assert not stopping.done()
    desk.gate.set()
    await asyncio.wait_for(stopping, 10)
    assert len(desk.taken) == 1
    assert await asyncio.wait_for(sending, 10) == 250
    with pytest.raises(OSError, match="refused"):
        await talk(partial(send, port))
    await listener.stop()


async def test_stopping_does_not_wait_for_idle_clients(desk: Desk) -> None:
    listener = MailListener(desk.accept, desk.knows)
    port = await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert (await reader.readline()).startswith(b"220")
    await asyncio.wait_for(listener.stop(), 10)
    assert (await reader.read()).startswith(b"421")
    writer.close()


async def dialogue(port: int, *said: bytes) -> bytes:
    """Say all of it at once, as a program that waits for no answer; everything that was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.writelines([b"EHLO x\r\n", *said, b"QUIT\r\n"])
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def mail(content: bytes, sender: bytes = b"a@example.org") -> bytes:
    return b"MAIL FROM:<%s>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n%s.\r\n" % (sender, content)


async def test_mails_sent_without_waiting_for_answers_are_taken_apart(desk: Desk, port: int) -> None:
    answers = await dialogue(port, mail(b"one\r\n"), mail(b""), mail(b"..three\r\n", b"b@example.org"))
    assert answers.count(b"\r\n250 2.0.0 OK") == 3
    assert answers.endswith(b"221 Bye\r\n")
    assert [raw for raw, _ in desk.taken] == [
        b"Return-Path: <a@example.org>\r\none\r\n",
        b"Return-Path: <a@example.org>\r\n",
        b"Return-Path: <b@example.org>\r\n.three\r\n",
    ]


async def test_content_without_a_recipient_or_with_words_behind_it_is_no_mail(desk: Desk, port: int) -> None:
    answers = await dialogue(
        port, b"DATA\r\n", b"MAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA x\r\n"
    )
    assert b"\r\n503 " in answers
    assert b"\r\n501 " in answers
    assert b"354" not in answers


async def test_mails_together_get_no_more_room_than_there_is(desk: Desk) -> None:
    desk.gate = asyncio.Event()
    listener = MailListener(desk.accept, desk.knows, limits=ListenerLimits(bytes=1_500))
    port = await listener.start("127.0.0.1", 0)
    large = b"x" * 1_000 + b"\r\n"
    first = asyncio.ensure_future(dialogue(port, mail(large)))
    await asyncio.wait_for(desk.entered.wait(), 10)
    assert b"\r\n452 4.3.1 " in await dialogue(port, mail(large))
    desk.gate.set()
    assert b"\r\n250 2.0.0 " in await first
    assert b"\r\n250 2.0.0 " in await dialogue(port, mail(large))
    await listener.stop()


async def test_who_hangs_up_early_keeps_the_room_until_the_mail_is_durable(desk: Desk) -> None:
    desk.gate = asyncio.Event()
    listener = MailListener(desk.accept, desk.knows, limits=ListenerLimits(bytes=1_500))
    port = await listener.start("127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"EHLO x\r\n" + mail(b"x" * 1_000 + b"\r\n"))
    await asyncio.wait_for(desk.entered.wait(), 10)
    writer.close()
    await writer.wait_closed()
    assert b"\r\n452 4.3.1 " in await dialogue(port, mail(b"x" * 1_000 + b"\r\n"))
    desk.gate.set()
    while not desk.taken:  # noqa: ASYNC110 - the append goes on by itself
        await asyncio.sleep(0.001)
    assert b"\r\n250 2.0.0 " in await dialogue(port, mail(b"x" * 1_000 + b"\r\n"))
    await listener.stop()


async def test_a_mail_of_nothing_but_empty_lines_costs_what_it_weighs(desk: Desk, port: int) -> None:
    before = time.process_time()
    answers = await dialogue(port, mail(b"\r\n" * (5 << 19)))
    assert b"\r\n250 2.0.0 OK" in answers
    assert len(desk.taken[0][0]) == len(b"Return-Path: <a@example.org>\r\n") + (5 << 20)
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("to", "size", "answers"),
    [
        ((DESK,), 2_000, {}),
        (("small@example.com",), 900, {}),
        (("small@example.com",), 2_000, {"small@example.com": 552}),
        ((DESK, "small@example.com"), 2_000, {"small@example.com": 552}),
    ],
)
async def test_a_mail_that_says_its_size_is_refused_by_whoever_takes_less(
    desk: Desk, port: int, to: tuple[str, ...], size: int, answers: dict[str, int]
) -> None:
    answer = await talk(partial(send, port, raw=b"x" * (size - 2) + b"\r\n", to=to))
    refused = {
        address: code[0] if isinstance(code, tuple) else code
        for address, code in cast("dict[str, Any]", answer).items()
    }
    assert refused == answers
    assert [envelope.recipients for _, envelope in desk.taken] == [
        kept for kept in [tuple(set(to) - set(answers))] if kept
    ]


async def test_a_mail_that_does_not_say_its_size_is_refused_when_nobody_it_is_for_takes_as_much(desk: Desk) -> None:
    noticed: list[str] = []
    listener = MailListener(desk.accept, desk.knows, noticed=noticed.append)
    port = await listener.start("127.0.0.1", 0)
    large = mail(b"x" * 2_000 + b"\r\n")
    for_small = large.replace(b"support@", b"small@")
    for_both = large.replace(b"DATA", b"RCPT TO:<small@example.com>\r\nDATA")
    answers = await dialogue(port, for_small, for_both)
    assert answers.count(b"\r\n552 5.3.4 ") == 1
    assert [envelope.recipients for _, envelope in desk.taken] == [(DESK, "small@example.com")]
    assert noticed == ["admitted", "refused"]
    await listener.stop()


async def test_others_have_their_turn_while_a_client_says_nothing_at_length(port: int) -> None:
    lines, turns = 20_000, 0
    talking = asyncio.ensure_future(dialogue(port, b"\r\n" * lines))
    while not talking.done():
        turns += 1
        await asyncio.sleep(0)
    assert (await talking).count(b"\r\n500 ") == lines
    assert turns > lines
