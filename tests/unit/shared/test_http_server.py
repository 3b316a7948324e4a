"""The listening socket: a port of its own, a taken one told at once, small answers sent at once."""

import asyncio
import socket
from contextlib import closing, suppress
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from pydantic import ValidationError

from shared.http_server import PortTaken, http_door, listen
from shared.settings import Settings

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


async def caller_seen(proxies: str, forwarded: str, host: str = "127.0.0.1") -> str:
    app = FastAPI()

    async def who(request: Request) -> str:
        return request.client.host if request.client else ""

    app.add_api_route("/", who)
    with closing(listen(host, 0)) as listener:
        listener.listen()
        serving = asyncio.ensure_future(http_door(app, listener, proxies=proxies).run())
        async with httpx2.AsyncClient() as client:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            answer = await client.get(address, headers={"X-Forwarded-For": forwarded})
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
    return str(answer.json())


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        ("127.0.0.1,::1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.0/8, 127.0.0.0/8", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.0/8", "203.0.113.7", "127.0.0.1"),
        ("", "203.0.113.7", "127.0.0.1"),
    ],
)
async def test_only_proxies_we_trust_say_who_a_caller_is(proxies: str, forwarded: str, seen: str) -> None:
    assert await caller_seen(proxies, forwarded) == seen


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
async def test_a_proxy_is_the_same_one_on_a_door_for_both_kinds_of_address() -> None:
    assert await caller_seen("127.0.0.1", "203.0.113.7", host="::") == "203.0.113.7"


@pytest.mark.parametrize("proxies", ["*", "balancer", "10.0.0.1/8", "10.0.0.0/8;127.0.0.1"])
def test_a_proxy_that_is_no_address_is_refused_and_not_passed_over(proxies: str) -> None:
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings(trusted_proxies=proxies, _env_file=None)
    assert Settings(trusted_proxies="", _env_file=None).trusted_proxies == ""
