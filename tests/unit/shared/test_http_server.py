"""The listening socket: a port of its own, a taken one told at once, small answers sent at once."""

import asyncio
import socket
from contextlib import closing, suppress
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from shared.http_server import PortTaken, http_door, listen

pytestmark = pytest.mark.anyio


def test_a_free_port_is_picked_and_a_taken_one_refused() -> None:
    with closing(listen("127.0.0.1", 0)) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        assert port > 0
        with pytest.raises(PortTaken, match=str(port)):
            listen("127.0.0.1", port)


async def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    seen: list[bool] = []
    with closing(listen("127.0.0.1", 0)) as listener:
        server = await asyncio.start_server(lambda _reader, writer: note(writer, seen), sock=listener)
        async with server:
            _, writer = await asyncio.open_connection(*listener.getsockname())
            while not seen:  # noqa: ASYNC110 - the other side of the connection
                await asyncio.sleep(0.001)
            writer.close()
    assert seen == [True]


def note(writer: asyncio.StreamWriter, seen: list[bool]) -> None:
    connection: Any = writer.get_extra_info("socket")
    seen.append(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
    writer.close()


async def test_the_door_serves_until_it_is_cancelled() -> None:
    app = FastAPI()
    app.add_api_route("/", lambda: {"up": True})
    with closing(listen("127.0.0.1", 0)) as listener:
        listener.listen()
        address = "http://{}:{}".format(*listener.getsockname())
        serving = asyncio.ensure_future(http_door(app, listener).run())
        async with httpx2.AsyncClient() as client:
            assert (await client.get(address)).json() == {"up": True}
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
    assert serving.done()
