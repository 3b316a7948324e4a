"""Ports nobody listens on, below those the system hands out by itself."""

import random
import socket
from collections.abc import Sequence

LOWEST, HIGHEST = 20_000, 32_000


def free_ports(count: int) -> Sequence[int]:
    """So many ports of 127.0.0.1 that are free now; somebody else may be quicker, so be ready to ask again."""
    found: list[int] = []
    chosen = random.SystemRandom()
    while len(found) < count:
        port = chosen.randrange(LOWEST, HIGHEST)
        if port not in found and _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as plug:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            plug.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
