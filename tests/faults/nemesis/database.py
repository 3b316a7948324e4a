"""The documents' server: killed, silent, full. What its network does to it is in `network`."""

import asyncio
import random

from pymongo import MongoClient

from deploy.engines import children
from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.journal import DATABASE


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
    Fault("database full", full, 1, 35),
)
