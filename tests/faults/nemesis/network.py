"""Between the services and their stores: answers that are lost, silence, delay, cut connections."""

import asyncio
import random
from collections.abc import Callable, Sequence

from tests.faults.fault import Fault, Strike
from tests.faults.house import House
from tests.faults.wire import Way

Ways = Callable[[House], Sequence[Way]]


def of_kafka(house: House) -> Sequence[Way]:
    return house.ways


def of_database(house: House) -> Sequence[Way]:
    return [house.way]


def answers_lost(ways: Ways) -> Strike:
    """What was asked is done, and nobody hears of it."""

    async def strike(house: House, draw: random.Random) -> None:
        share = draw.choice((0.4, 1.0))
        for _ in range(4):
            for way in ways(house):
                way.lose_answers(draw, share)
            await asyncio.sleep(draw.uniform(0.1, 1.5))
            for way in ways(house):
                way.heal()
            await asyncio.sleep(draw.uniform(0.5, 1.5))

    return strike


def silence(ways: Ways) -> Strike:
    """Connections that are there, and carry nothing."""

    async def strike(house: House, draw: random.Random) -> None:
        for way in ways(house):
            way.lose_all(draw, draw.choice((0.4, 1.0)))
        await asyncio.sleep(draw.uniform(3, 18))
        for way in ways(house):
            way.heal()

    return strike


def delay(ways: Ways) -> Strike:
    async def strike(house: House, draw: random.Random) -> None:
        for way in ways(house):
            way.slow(draw.uniform(0.05, 0.4))
        await asyncio.sleep(draw.uniform(5, 10))
        for way in ways(house):
            way.heal()

    return strike


def cuts(ways: Ways) -> Strike:
    async def strike(house: House, draw: random.Random) -> None:
        for _ in range(5):
            for way in ways(house):
                way.cut()
            await asyncio.sleep(draw.uniform(0.1, 2))

    return strike


FAULTS = (
    Fault("Kafka's answers lost", answers_lost(of_kafka), 1, 10),
    Fault("Kafka's connections silent", silence(of_kafka), 1, 20),
    Fault("Kafka slow", delay(of_kafka), 1, 10),
    Fault("Kafka's connections cut", cuts(of_kafka), 1, 10),
    Fault("database's answers lost", answers_lost(of_database), 1, 35),
    Fault("database's connections silent", silence(of_database), 1, 35),
    Fault("database slow", delay(of_database), 1, 10),
    Fault("database's connections cut", cuts(of_database), 1, 35),
)
