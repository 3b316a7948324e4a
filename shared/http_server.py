"""The HTTP door's server: uvicorn inside our own loop, with our own signals."""

import asyncio
import socket
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import uvicorn

from shared.service import Loop


class PortTaken(Exception):
    """Another process listens on the address."""


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that the port is known (0 picks a free one) and a taken one is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small packets at once only where the protocol is named: without, each answer waits 40 ms for an ack
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as fault:
        listener.close()
        raise PortTaken(f"cannot listen on {host}:{port}: {fault.strerror}") from None
    return listener


def address_of(listener: socket.socket) -> str:
    """Where it is reached on this machine."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def http_door(app: Any, listener: socket.socket, name: str = "http", proxies: str = "") -> Loop:
    """Serve until cancelled, then finish the requests that are under way.

    Of `proxies` (addresses and networks, with commas) X-Forwarded-For and X-Forwarded-Proto are believed.
    """

    async def serve() -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
            server_header=False,
            forwarded_allow_ips=list(_every_spelling(proxies)),
        )
        server = _Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            server.should_exit = True
            await running
            raise

    return Loop(name, serve)


def _every_spelling(proxies: str) -> Iterator[str]:
    """The networks, and those of IPv4 as a listener for both kinds of address names them."""
    for one in filter(None, map(str.strip, proxies.split(","))):
        network = ip_network(one)
        yield str(network)
        if network.version == 4:  # noqa: PLR2004 - the kind's own number
            yield f"::ffff:{network.network_address}/{network.prefixlen + 96}"


class _Server(uvicorn.Server):
    """Signals are the process's affair."""

    def capture_signals(self) -> Any:
        from contextlib import nullcontext

        return nullcontext()


def free_port(host: str) -> int:
    """A port nobody listens on now; somebody else may be faster."""
    with listen(host, 0) as listener:
        return int(listener.getsockname()[1])
