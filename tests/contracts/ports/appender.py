"""A process that writes as fast as it can and says on its output what was acknowledged, until it is killed."""

import asyncio
import os
import sys
from pathlib import Path

from shared.broker import Outgoing
from shared.clock import SystemClock
from shared.documents import Put
from tests.contracts.ports.adapters import LOGS, STORES
from tests.contracts.ports.conftest import COLLECTIONS

CLIENTS = 16


def say(line: str) -> None:
    """One write per line: a line is either out or not."""
    os.write(1, f"{line}\n".encode())


async def append(engine: str, place: Path) -> None:
    broker = LOGS[engine].open(place, SystemClock())

    async def client(number: int) -> None:
        turn = 0
        while True:
            text = f"{number}.{turn}".encode()
            records = [Outgoing("facts", part % 4, b"desk", b"%s.%d" % (text, part)) for part in range(3)]
            for part, found in enumerate(await broker.append(records)):
                say(f"{found.partition} {found.offset} {number}.{turn}.{part}")
            turn += 1

    await asyncio.gather(*map(client, range(CLIENTS)))


async def put(engine: str, place: Path) -> None:
    documents = STORES[engine].open(place, COLLECTIONS)

    async def client(number: int) -> None:
        seq = 0
        while True:
            seq += 1
            await documents.write([Put("tickets", "desk", str(number), seq, {"rank": seq}, patch=seq % 2 == 0)])
            say(f"{number} {seq}")

    await asyncio.gather(*map(client, range(CLIENTS)))


if __name__ == "__main__":
    asyncio.run({"append": append, "put": put}[sys.argv[1]](sys.argv[2], Path(sys.argv[3])))
