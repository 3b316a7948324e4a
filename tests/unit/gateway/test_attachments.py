"""Files on their way in and out: what all of them together may hold, and what one caller may."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest

from services.gateway.api.attachments import HeldFile
from services.gateway.gate import FILES_HELD, FILES_OF_ONE
from shared.catalogue.values import MOST_FILE_BYTES, Attachment
from shared.http.body import PORTION
from shared.room import Full, Room
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import Server, problem
from tests.unit.gateway.test_reading import mail
from tests.unit.gateway.world import OURS

pytestmark = pytest.mark.anyio
FILE = "/v1/messages/m1/attachments/0"


def caller(token: str) -> str:
    return f"{OURS}/key-{token.split('_')[1]}"


def nothing_is_held(room: Room) -> bool:
    whole = [room.holding(str(number)) for number in range(FILES_HELD // FILES_OF_ONE)]
    for holding in whole:
        holding.take(FILES_OF_ONE)
    for holding in whole:
        holding.let_go()
    return True


async def with_file(server: Server, content: bytes = b"x" * 20) -> None:
    blob = await server.world.blobs.put(OURS, content)
    file = Attachment(blob=blob, name="a.pdf", media_type="application/pdf", size=1)
    await server.world.command(mail(attachments=(file,)))
    await server.world.say(*say.intake())
    await server.world.catch_up()


def test_one_caller_may_upload_the_files_of_one_reply_at_once() -> None:
    assert FILES_OF_ONE >= MOST_FILE_BYTES


@pytest.mark.parametrize("ways", ["uploads", "downloads"])
async def test_files_have_a_share_of_each_caller_and_a_room_of_all(server: Server, ways: str) -> None:
    await with_file(server)
    token, room = await server.key(), getattr(server.gate, ways)
    mine, others = room.holding(caller(token)), [room.holding(str(number)) for number in range(4)]
    async with server.client(token) as client:

        async def ask() -> Any:
            return await (
                client.get(FILE) if ways == "downloads" else client.post("/v1/attachments", content=b"x" * 20)
            )

        mine.take(FILES_OF_ONE - 10)
        own = await ask()
        mine.let_go()
        for holding in others:
            holding.take(FILES_OF_ONE)
        all_held = await ask()
        for holding in others:
            holding.let_go()
        assert (await ask()).status_code == 200
    assert (own.status_code, problem(own)["reason"]) == (429, "too_many_requests")
    assert (all_held.status_code, problem(all_held)["reason"]) == (503, "unavailable")
    assert own.headers["retry-after"]
    assert all_held.headers["retry-after"]
    assert nothing_is_held(room)


async def test_an_upload_holds_what_has_come_of_it_until_it_ends(server: Server) -> None:
    token, came, go_on = await server.key(), asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 100
        yield b"x" * 100
        came.set()
        await go_on.wait()

    async with server.client(token) as client:
        upload = asyncio.create_task(client.post("/v1/attachments", content=slow()))
        await came.wait()
        with pytest.raises(Full):
            server.gate.uploads.holding(caller(token)).take(FILES_OF_ONE - 50)
        go_on.set()
        assert (await upload).json()["size"] == 200
    assert nothing_is_held(server.gate.uploads)


async def test_a_file_that_is_gone_holds_nothing(server: Server) -> None:
    await with_file(server)
    await server.world.blobs.drop(OURS, sha256(b"x" * 20).hexdigest())
    async with server.client(await server.key()) as client:
        assert (await client.get(FILE)).status_code == 404
    assert nothing_is_held(server.gate.downloads)


async def test_a_download_is_held_until_its_reader_has_it_or_takes_no_more() -> None:
    for stalls in (False, True):
        room, sent = Room(5 * PORTION), bytearray()
        holding = room.holding("a")
        holding.take(3 * PORTION)

        async def send(message: Any, room: Room = room, sent: bytearray = sent, *, stalls: bool = stalls) -> None:
            sent += message.get("body", b"")
            with pytest.raises(Full):
                room.holding("b").take(3 * PORTION)
            if stalls and len(sent) > PORTION:
                await asyncio.Event().wait()

        await HeldFile(b"x" * 3 * PORTION, {}, holding, patience=50)({}, None, send)  # type: ignore[arg-type] # not asked
        assert len(sent) == (2 if stalls else 3) * PORTION
        room.holding("b").take(5 * PORTION)
