import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

from services.ingest.arrival import Arrival
from services.ingest.channels.email.automatic import LOOP_HEADER
from services.ingest.channels.email.mail import MailRefused
from services.ingest.channels.email.threads import own_message_id, reply_address
from services.ingest.channels.mailbox.marks import loop_marks
from services.ingest.channels.mailbox.understood import understand
from shared.catalogue.values import FollowUp
from shared.clock import DAY, HOUR
from shared.ids import random_id
from tests.unit.ingest.desk import NOW, OTHER_POLICY, SECRETS, Doors, filled, headers, open_doors, policy
from tests.unit.ingest.mail import free_port, letter, running, send

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("one_loop")]
CONVERSATION, DELIVERY = random_id(), random_id()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Doors]:
    async with open_doors(tmp_path, smtp_port=free_port(), authserv_id="mx.acme.example") as opened:
        await opened.apply(policy())
        await opened.apply(policy(OTHER_POLICY))
        opened.principal = opened.principal.model_copy(update={"role": "admin"})
        async with running(opened, "mail"):
            yield opened


async def test_a_mail_becomes_a_message_with_its_raw_bytes_kept(desk: Doors) -> None:
    await send(desk, letter("ضاعت بطاقتي", Subject="بطاقة"))
    (message,) = await desk.received()
    assert (message.channel, message.account, message.text) == ("email", "mail", "ضاعت بطاقتي")
    assert (message.sender.address, message.sender.name) == ("huda@example.com", "Huda")
    assert message.external_id == "<1@example.com>"
    assert len(message.words) == 2
    assert message.raw_blob is not None
    raw = await desk.ports.blobs.get("support", message.raw_blob)
    assert raw.startswith(b"Return-Path: <huda@example.com>\r\n")
    assert "ضاعت بطاقتي".encode() in raw


async def test_a_mail_that_comes_again_is_the_same_message(desk: Doors) -> None:
    await asyncio.gather(*(send(desk, letter()) for _ in range(3)))
    received = await desk.received()
    assert len(received) == 3
    assert len({message.message for message in received}) == 1


async def test_a_forged_message_id_hides_no_other_mail(desk: Doors) -> None:
    await send(desk, letter("I lost my card"))
    await send(desk, letter("Ignore the other one", From="mallory@evil.example"), sender="mallory@evil.example")
    assert len({message.message for message in await desk.received()}) == 2


async def test_the_form_and_the_mailbox_know_one_customer_by_one_contact_point(desk: Doors) -> None:
    await desk.client.post("/in/forms/pk_acme_web", json=filled(), headers=headers())
    await send(desk, letter(From="HUDA@Example.COM"))
    form, mail = await desk.received()
    assert form.sender.id == mail.sender.id


async def test_a_stranger_s_desk_is_no_relay_for_anybody(desk: Doors) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(desk, letter(), to=("someone@elsewhere.example",))
    assert await desk.received() == []


async def test_each_desk_named_gets_the_mail_and_neither_sees_the_other(desk: Doors) -> None:
    await send(desk, letter(), to=("help@acme.example", "help@rival.example"))
    (ours,), (theirs,) = await desk.received("support"), await desk.received("rival-desk")
    assert ours.message != theirs.message
    assert ours.by.organisation == "acme"
    assert theirs.by.organisation == "rival"


async def test_further_addresses_reach_the_same_account(desk: Doors) -> None:
    await send(desk, letter(), to=("INFO@acme.example",))
    assert [message.account for message in await desk.received()] == ["mail"]


async def test_one_mail_to_two_addresses_of_a_desk_is_one_message(desk: Doors) -> None:
    await send(desk, letter(), to=("help@acme.example", "info@acme.example"))
    assert len(await desk.received()) == 1


async def test_who_was_copied_is_told_and_the_desk_itself_is_not(desk: Doors) -> None:
    token = reply_address("help@acme.example", "support", CONVERSATION, SECRETS.mail)
    await send(desk, letter(To=f"help@acme.example, Omar <omar@example.com>, {token}", Cc="huda@example.com"))
    (message,) = await desk.received()
    assert [(one.address, one.name) for one in message.copied] == [("omar@example.com", "Omar")]


async def test_strangers_outside_of_ascii_are_two_customers_and_the_desk_is_copied_to_neither(desk: Doors) -> None:
    ours = "help@متجر.example"
    await desk.apply(policy(OTHER_POLICY, **{"help@rival.example": f"help@rival.example, also: [{ours}]"}), version=2)
    for name in ("قدس", "غزة"):
        raw = letter(From=f"info@{name}.فلسطين", To=ours, Message_ID=f"<{len(name)}@example.com>")
        await send(desk, raw, to=("help@rival.example",))
    received = await desk.received("rival-desk")
    assert len({message.sender.id for message in received}) == 2
    assert all(message.sender.address.isascii() and message.copied == () for message in received)


async def test_a_reply_names_its_conversation_by_our_token(desk: Doors) -> None:
    token = reply_address("help@acme.example", "support", CONVERSATION, SECRETS.mail)
    await send(
        desk,
        letter("Any news?\r\n\r\nOn Mon, 23 Nov 2026 at 10:00, Acme <help@acme.example> wrote:\r\n> Hello", To=token),
        to=(token,),
    )
    (message,) = await desk.received()
    assert message.thread is not None
    assert message.thread.conversation == CONVERSATION
    assert message.text == "Any news?"
    assert "> Hello" in (message.full_text or "")


async def test_a_reply_to_a_message_id_of_ours_brings_what_a_follow_up_inherits(desk: Doors) -> None:
    inherited = FollowUp(ticket="t", number=7, team="front", owner="amal")
    ours = own_message_id("acme.example", "support", CONVERSATION, DELIVERY, inherited, SECRETS.mail)
    await send(desk, letter(In_Reply_To=ours))
    (message,) = await desk.received()
    assert message.thread is not None
    assert message.thread.follow_up == inherited


@pytest.mark.parametrize("key", [b"forged" * 6, SECRETS.mail[1]])
async def test_only_our_own_keys_open_a_conversation_the_former_one_too(desk: Doors, key: bytes) -> None:
    token = reply_address("help@acme.example", "support", CONVERSATION, (key,))
    await send(desk, letter(), to=(token,))
    (message,) = await desk.received()
    assert (message.thread is not None) is (key in SECRETS.mail)


async def test_a_token_of_another_desk_opens_nothing(desk: Doors) -> None:
    token = reply_address("help@acme.example", "rival-desk", CONVERSATION, SECRETS.mail)
    await send(desk, letter(), to=(token,))
    assert [message.thread for message in await desk.received()] == [None]


@pytest.mark.parametrize(
    ("taken", "counted"),
    [
        ("Mon, 23 Nov 2026 07:00:00 +0000", NOW - 3_600_000),
        ("Mon, 23 Nov 2099 07:00:00 +0000", NOW),
        ("Mon, 23 Nov 2020 07:00:00 +0000", NOW - 7 * DAY),
        ("yesterday", NOW),
    ],
)
async def test_the_time_our_own_server_took_it_counts_within_seven_days(desk: Doors, taken: str, counted: int) -> None:
    await send(desk, letter(Received=f"from a.example by mx.acme.example (Postfix); {taken}"))
    assert [message.sent_at for message in await desk.received()] == [counted]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Date": "Mon, 20 Nov 2026 07:00:00 +0000"},
        {"Received": "by mx.evil.example; Mon, 23 Nov 2026 07:00:00 +0000"},
    ],
)
async def test_nothing_the_sender_says_of_the_time_makes_a_wait_longer(desk: Doors, fields: dict[str, str]) -> None:
    await send(desk, letter(**fields))
    assert [message.sent_at for message in await desk.received()] == [NOW]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Auto-Submitted": "auto-replied"}, "auto_reply"),
        ({"List-Id": "<news.example.com>"}, "list"),
        ({LOOP_HEADER: loop_marks(SECRETS.mail)[1]}, "loop"),
        ({"Message-ID": own_message_id("acme.example", "support", CONVERSATION, DELIVERY, None, SECRETS.mail)}, "echo"),
    ],
)
async def test_what_no_person_wrote_says_so(desk: Doors, fields: dict[str, str], kind: str) -> None:
    token = reply_address("help@acme.example", "support", CONVERSATION, SECRETS.mail)
    await send(desk, letter(**fields), to=(token,))
    (message,) = await desk.received()
    assert message.automatic == kind
    assert (message.thread is None) is (kind in {"loop", "echo"})
    assert message.copied == ()


async def test_a_sender_proved_by_our_own_server_is_assured_and_nobody_else(desk: Doors) -> None:
    for server, number in (("mx.acme.example", 1), ("mx.evil.example", 2)):
        proof = f"{server}; dmarc=pass header.from=example.com"
        await send(desk, letter(Message_ID=f"<{number}@example.com>", Authentication_Results=proof))
    assert [message.assurance for message in await desk.received()] == ["aligned_mail", "none"]


async def test_a_mail_that_cannot_be_read_is_kept_whole_with_its_reason_and_its_sender_is_not_troubled(
    desk: Doors,
) -> None:
    bomb = letter(Content_Type='multipart/mixed; boundary="b"').replace(b"I lost my card", b"--b\r\n\r\n" * 400)
    await send(desk, bomb)
    await send(desk, letter("still alive"))
    assert [message.text for message in await desk.received()] == ["still alive"]
    (found,) = (await desk.ports.dead_letters.page(desk="support")).letters
    assert (found.source, found.reason) == ("mail", "too many parts")
    assert bomb in await desk.ports.dead_letters.original(found.id)


async def test_a_desk_that_takes_smaller_mails_says_so_and_another_is_not_bound_by_it(desk: Doors) -> None:
    await desk.apply(policy(OTHER_POLICY + "limits: {mail_bytes: 65536}\n"), version=2)
    large = letter("x" * 70_000)
    with pytest.raises(aiosmtplib.SMTPException):
        await send(desk, large, to=("help@rival.example",))
    await _send_without_its_size(desk, large, "help@acme.example", "help@rival.example")
    assert [message.by.desk for message in await desk.received()] == ["support"]
    (found,) = (await desk.ports.dead_letters.page(desk="rival-desk")).letters
    assert (found.source, found.reason) == ("mail", "too large")


async def _send_without_its_size(desk: Doors, raw: bytes, *to: str) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=desk.ports.settings.smtp_port, start_tls=False)
    async with client:
        await client.mail("huda@example.com")
        for address in to:
            await client.rcpt(address)
        await client.data(raw)


async def test_a_mail_without_a_sender_is_a_dead_letter(desk: Doors) -> None:
    await send(desk, letter(From=None))
    assert await desk.received() == []
    assert await desk.ports.dead_letters.count(desk="support") == 1


async def test_a_mail_whose_trouble_has_passed_becomes_the_message_it_would_have_been(
    desk: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as trouble:
        trouble.setattr("services.ingest.channels.email.child.MailReader._read", _refuse)
        await send(desk, letter())
    assert await desk.received() == []
    (found,) = (await desk.ports.dead_letters.page()).letters
    desk.clock.time += HOUR
    answer = await desk.client.post(f"/v1/inbound/{found.id}/redrive")
    assert answer.status_code == 204
    await send(desk, letter())
    redriven, sent_again = await desk.received()
    assert redriven.message == sent_again.message
    assert sent_again.sent_at - redriven.sent_at == HOUR
    assert (await desk.ports.dead_letters.get(found.id)).state == "redriven"


async def _refuse(_reader: object, _raw: bytes) -> None:
    raise MailRefused("too expensive")


async def test_a_mail_that_still_cannot_be_read_is_still_kept(desk: Doors) -> None:
    await send(desk, letter(From=None))
    (found,) = (await desk.ports.dead_letters.page()).letters
    assert (await desk.client.post(f"/v1/inbound/{found.id}/redrive")).status_code == 409
    again = await desk.ports.dead_letters.get(found.id)
    assert (again.state, again.attempts) == ("kept", 2)


async def test_only_the_desk_s_own_operators_redrive(desk: Doors) -> None:
    await send(desk, letter(From=None))
    (found,) = (await desk.ports.dead_letters.page()).letters
    desk.principal = desk.principal.model_copy(update={"role": "agent"})
    assert (await desk.client.post(f"/v1/inbound/{found.id}/redrive")).status_code == 403
    desk.principal = desk.principal.model_copy(update={"role": "admin", "desk": "rival-desk"})
    assert (await desk.client.post(f"/v1/inbound/{found.id}/redrive")).status_code == 404


async def test_when_the_log_is_away_the_sender_s_server_keeps_the_mail(desk: Doors) -> None:
    await desk.ports.broker.close()
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await send(desk, letter())
    assert refused.value.code == 451


async def test_a_mail_with_files_and_pictures_names_them_all(desk: Doors) -> None:
    parts = (
        b"--e\r\nContent-Type: text/html\r\n\r\n<p>Look: <img src='cid:1'></p>\r\n"
        b'--e\r\nContent-Type: image/png; name="a.png"\r\nContent-ID: <1>\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n'
        b"--e--\r\n"
    )
    raw = letter(MIME_Version="1.0", Content_Type='multipart/related; boundary="e"').replace(
        b"I lost my card\r\n", parts
    )
    await send(desk, raw)
    (message,) = await desk.received()
    assert [(file.name, file.media_type, file.size, file.content_id) for file in message.attachments] == [
        ("a.png", "image/png", 2, "1")
    ]
    assert message.html_blob is not None
    assert b"<img" in await desk.ports.blobs.get("support", message.html_blob)


@pytest.mark.parametrize("written", ["<صورة.png>".encode(), "<صورة.png>".encode("cp1256"), b"<=?utf-7?Q?+2AA-?=>"])
async def test_a_picture_s_name_in_any_letters_is_no_reason_to_refuse_the_mail(desk: Doors, written: bytes) -> None:
    picture = b"--e\r\nContent-Type: image/png\r\nContent-ID: %s\r\n\r\nx\r\n--e--\r\n" % written
    raw = letter(MIME_Version="1.0", Content_Type='multipart/related; boundary="e"')
    await send(desk, raw.replace(b"I lost my card\r\n", picture))
    (message,) = await desk.received()
    (file,) = message.attachments
    assert file.content_id == "صورة.png" or written != "<صورة.png>".encode()


async def test_a_mail_that_no_command_can_hold_is_kept(desk: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    def understand_oddly(*given: Any) -> Arrival:
        return replace(understand(*given), automatic="\udce1")

    monkeypatch.setattr("services.ingest.channels.mailbox.receiving.understand", understand_oddly)
    await send(desk, letter())
    assert await desk.received() == []
    (found,) = (await desk.ports.dead_letters.page(desk="support")).letters
    assert found.reason == "not readable"
