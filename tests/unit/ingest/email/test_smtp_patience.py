"""How long the listener waits for a mail that keeps coming, and for one that does not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from services.ingest.channels.email.smtp_connection import Connection
from services.ingest.channels.email.smtp_content import PORTION
from services.ingest.channels.email.smtp_in import Envelope, MailListener

pytestmark = pytest.mark.anyio
GREETED = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"


@dataclass
class Talk:
    """A client that is in the middle of a mail."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    connection: Connection

    async def ends_at(self) -> float:
        """When the listener's patience is over, as the loop counts, after it has read all that was sent."""
        while self.connection._reader._buffer:  # type: ignore[attr-defined] # noqa: ASYNC110 - it tells nobody else
            await asyncio.sleep(0.001)
        handle = self.connection._timeout_handle
        assert handle is not None
        return handle.when()


@pytest.fixture
def gate() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def talk(gate: asyncio.Event) -> AsyncIterator[Talk]:
    async def accept(_raw: bytes, _envelope: Envelope) -> None:
        await gate.wait()

    async def knows(_address: str) -> int:
        return 1 << 20

    listener = MailListener(accept, knows)
    reader, writer = await asyncio.open_connection("127.0.0.1", await listener.start("127.0.0.1", 0))
    writer.write(GREETED)
    while not (await reader.readline()).startswith(b"354"):
        pass
    (connection,) = listener._open
    yield Talk(reader, writer, connection)
    gate.set()
    writer.close()
    await listener.stop()


async def later(talk: Talk, than: float) -> float:
    while (at := await talk.ends_at()) <= than:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.001)
    return at


async def test_each_portion_of_a_mail_and_its_end_begin_the_wait_anew(talk: Talk, gate: asyncio.Event) -> None:
    ends_at = await talk.ends_at()
    for sent in (b"x" * PORTION, b"x" * PORTION, b"\r\n.\r\n"):
        talk.writer.write(sent)
        ends_at = await asyncio.wait_for(later(talk, than=ends_at), 10)
    gate.set()
    assert (await asyncio.wait_for(talk.reader.readline(), 10)).startswith(b"250 ")


async def test_single_bytes_begin_no_wait_anew(talk: Talk) -> None:
    ends_at = await talk.ends_at()
    for _ in range(20):
        talk.writer.write(b"x")
        await asyncio.sleep(0.005)
    assert await talk.ends_at() == ends_at
