import contextlib
import os
import resource
import sys
from base64 import encodebytes

import anyio
import pytest
from anyio import to_process

from services.ingest.channels.email.child import WALL_SECONDS, MailReader
from services.ingest.channels.email.limits import MOST_BYTES
from services.ingest.channels.email.mail import MailRefused
from services.ingest.channels.email.parse import parse_mail
from tests.unit.ingest.email.child_work import costs, die, fail, never_end, take_much
from tests.unit.ingest.email.letters import mail, multipart

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")]

_HTML = "text/html; charset=utf-8"
BOMBS = {
    "400,000 empty parts": multipart() + b"--edge\r\n\r\n\r\n" * 400_000,
    "2,000 nested parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2_000)
    ),
    "2,000 nested messages": b"Content-Type: message/rfc822\r\n\r\n" * 2_000,
    "2,000 open brackets": mail(To="(" * 2_000),
    "a line of 100 KB": mail("x" * 100_000),
    "a line of 20 MB": mail("x " * 10_000_000),
    "headers of 10 MB": mail(X_Long="x" * 10_000_000),
    "15,000 headers": b"A:\r\n" * 15_000 + mail(),
    "12,000 parameters": mail(Content_Type="text/plain;" + " a=b;" * 12_000),
    "a part with a header of 4 MB": multipart(b"Content-Type: text/plain; name=" + b"(a" * 2_000_000),
    "HTML 200,000 deep": mail("<div>" * 200_000, Content_Type=_HTML),
    "HTML with 300,000 paragraphs": mail("<p>a</p>" * 300_000, Content_Type=_HTML),
    "HTML with 200,000 scripts": mail("<script>" * 200_000, Content_Type=_HTML),
    "tables in tables": mail("<table><tr><td>" * 100_000, Content_Type=_HTML),
    "3 million empty lines": mail("\r\n" * 3_000_000),
    "3 million soft breaks": mail("=\r\n" * 3_000_000, Content_Transfer_Encoding="quoted-printable"),
    "3 million almost boundaries": multipart(b"--edgy\r\n" * 3_000_000),
    "100,000 boundaries": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n" % n for n in range(100_000)),
    "a million marks on one letter": mail("a" + "\u0300\u0316" * 500_000, Content_Type="text/plain; charset=utf-8"),
    "attributions without end": mail("hello\r\n" + "On Mon, Feb 1, 2016 at 4:58 AM, Some One <a@b.c>\r\n" * 8_000),
    "5,000 addresses": mail(To="a@b.c, " * 5_000),
}


@pytest.fixture
def reader() -> MailReader:
    return MailReader(children=1)


async def test_a_mail_is_read_as_it_would_be_here(reader: MailReader) -> None:
    raw = multipart(b"\r\nhello", b"Content-Type: image/png; name=a.png\r\n\r\nx")
    assert await reader.read(raw) == parse_mail(raw)


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_stays_within_its_second_and_its_memory_and_harms_no_other_mail(
    reader: MailReader, name: str
) -> None:
    await reader.warm()
    before = await to_process.run_sync(costs, limiter=reader._limiter)
    with contextlib.suppress(MailRefused):
        await reader.read(BOMBS[name])
    assert (await reader.read(mail("next"))).text == "next"
    after = await to_process.run_sync(costs, limiter=reader._limiter)
    if after.pid == before.pid:
        # The kernel kills at 0.8 s, so who survived a bomb used less. Handing a mail over costs its bytes on top.
        print(f"\n{name}: {after.cpu - before.cpu:.2f} s, {(after.peak - before.size) / 2**20:.0f} MiB")
        assert after.cpu - before.cpu < 1
        assert after.peak - before.size <= 100 * 2**20 + 2 * len(BOMBS[name])


async def test_a_killed_child_is_a_refusal_and_the_next_mail_gets_another() -> None:
    with pytest.raises(MailRefused, match="too expensive"):
        await MailReader(children=1, parse=die).read(mail())
    assert (await MailReader(children=1).read(mail("next"))).text == "next"


async def test_endless_work_is_ended_by_the_kernel() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(MailRefused, match="too expensive"):
        await MailReader(children=1, parse=never_end).read(mail())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # on a core of its own it would have had all of WALL_SECONDS otherwise
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < WALL_SECONDS / 2


async def test_memory_beyond_the_limit_is_a_refusal_and_the_child_lives_on(reader: MailReader) -> None:
    await reader.warm()
    pid = (await to_process.run_sync(costs, limiter=reader._limiter)).pid
    with pytest.raises(MailRefused, match="too expensive"):
        await MailReader(children=1, parse=take_much).read(mail())
    assert (await reader.read(mail("next"))).text == "next"
    assert (await to_process.run_sync(costs, limiter=reader._limiter)).pid == pid


async def test_an_error_of_the_parser_is_none_of_the_child_s_limits() -> None:
    with pytest.raises(ZeroDivisionError):
        await MailReader(children=1, parse=fail).read(mail())


@pytest.mark.slow
async def test_many_attachments_a_little_under_what_is_cut_out_are_read(reader: MailReader) -> None:
    part = b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(
        os.urandom(46 * 1024)
    )
    read = await reader.read(multipart(b"\r\nsee the files", *[part] * 20))
    assert [len(file.content) for file in read.files] == [46 * 1024] * 20


@pytest.mark.slow
async def test_an_honest_mail_of_24_megabytes_is_read(reader: MailReader) -> None:
    content = os.urandom(1024) * 17 * 1024
    part = b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(
        content
    )
    read = await reader.read(multipart(b"\r\nsee the file", part))
    assert read.text == "see the file"
    assert read.files[0].content == content


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "megabytes"), [(b"7bit", 17), (b"base64", 12)])
async def test_an_honest_mail_of_24_megabytes_is_read_when_it_is_forwarded(
    reader: MailReader, encoding: bytes, megabytes: int
) -> None:
    coded = encodebytes(os.urandom(1024) * megabytes * 1024)
    inner = mail(coded, Content_Type="application/zip", Content_Transfer_Encoding="base64")
    head = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: %s\r\n\r\n" % encoding
    read = await reader.read(multipart(head + (encodebytes(inner) if encoding == b"base64" else inner)))
    assert coded.strip() in read.files[0].content


async def test_many_mails_at_once_wait_for_their_turn(reader: MailReader) -> None:
    texts: list[str] = []

    async def one(number: int) -> None:
        texts.append((await reader.read(mail(f"mail {number}"))).text)

    async with anyio.create_task_group() as group:
        for number in range(40):
            group.start_soon(one, number)
    assert sorted(texts) == sorted(f"mail {number}" for number in range(40))


async def test_what_is_too_large_never_reaches_a_child() -> None:
    with pytest.raises(MailRefused, match="too large"):
        await MailReader().read(b"x" * (MOST_BYTES + 1))
