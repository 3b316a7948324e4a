"""Who asks: found by the one service that keeps accounts, for the routes of all services; and from which network."""

import ipaddress
from collections.abc import Awaitable, Callable

from fastapi.requests import Request

from shared.catalogue.values import Principal
from shared.http.problems import Problem

Judge = Callable[[Request, str], Awaitable[Principal]]
"""The principal of a request that may do an act. Raises Problem: 401, 403, 429."""
ONE_SUBSCRIBER = 64
"""Bits of an IPv6 address that stand for one subscriber."""


async def judge(request: Request, act: str) -> Principal:
    """The principal, by the application's own judge; where there is none, nobody is known. Raises Problem."""
    found: Judge | None = getattr(request.app.state, "judge", None)
    if found is None:
        raise Problem(401, "unauthenticated", "Nobody can sign in here: ask the gateway.")
    return await found(request, act)


def subscriber(client: str) -> str:
    """The part of a network address that one subscriber cannot change at will."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, ONE_SUBSCRIBER), strict=False).network_address)
    return str(address)
