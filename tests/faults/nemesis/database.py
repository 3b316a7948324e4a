"""The documents' server: killed, silent, slow, full."""

import asyncio
import random
import time

from pymongo import MongoClient

from deploy.engines import children
from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.journal import DATABASE

SLICE = 0.2
"""Seconds: of each of them a slow server sleeps most."""


async def killed(house: House, draw: random.Random) -> None:
    await asyncio.to_thread(house.mongo.kill)
    house.journal.note(DATABASE, "mongo")
    await asyncio.sleep(draw.uniform(0, 4))
    await asyncio.to_thread(house.mongo.start)


async def silent(house: House, draw: random.Random) -> None:
    assert house.mongo.child is not None
    children.pause(house.mongo.child)
    await asyncio.sleep(draw.uniform(4, 18))
    children.resume(house.mongo.child)


async def slow(house: House, draw: random.Random) -> None:
    child = house.mongo.child
    assert child is not None
    until = time.monotonic() + draw.uniform(5, 10)
    while time.monotonic() < until:
        children.pause(child)
        await asyncio.sleep(SLICE * 0.85)
        children.resume(child)
        await asyncio.sleep(SLICE * 0.15)


async def full(house: House, draw: random.Random) -> None:
    """Reads are answered, every write is refused."""
    await asyncio.to_thread(_starve, house.mongo.address, starve=True)
    await asyncio.sleep(draw.uniform(4, 10))
    await asyncio.to_thread(_starve, house.mongo.address, starve=False)


def _starve(address: str, *, starve: bool) -> None:
    client: MongoClient[dict[str, object]] = MongoClient(address)
    try:
        client.admin.command({"starve": starve})
    finally:
        client.close()


FAULTS = (
    Fault("database killed", killed, 2, 35),
    Fault("database silent", silent, 1, 35),
    Fault("database slow", slow, 1, 10),
    Fault("database full", full, 1, 35),
)
