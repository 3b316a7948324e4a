"""The simulation's log and documents in an event loop, in the place of the engine's: a fake must not lie."""

import asyncio

import pytest

from shared.broker import Broker
from shared.clock import Clock, Ms
from shared.documents import Documents
from tests.contracts.ports.conftest import COLLECTIONS
from tests.contracts.ports.hand_clock import HandClock
from tests.simulation.memory_broker import MemoryBroker
from tests.simulation.memory_documents import MemoryDocuments
from tests.simulation.pauses import Pause, Pausing, Rest
from tests.simulation.time import Time

SOON = 0.001


class HandTime(Time):
    """The simulated world's time, read from a clock turned by hand."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__()

    @property
    def now(self) -> Ms:
        return self._clock.now()

    @now.setter
    def now(self, at: Ms) -> None:
        """Nobody but the clock's owner turns it."""


class SimulatedLogs:
    """What the suite asks of an engine, beyond the port."""

    async def later(self, clock: HandClock) -> None:
        clock.at += 1_000

    async def trim(self, broker: Broker, topic: str, partition: int, before: Ms) -> int:
        assert isinstance(broker, MemoryBroker)
        return await broker.trim(topic, partition, before)


def pausing_by(clock: HandClock) -> Pausing:
    async def pausing(where: Pause) -> None:
        """A rest lasts as long as it says; a place reached lets others go on."""
        if not isinstance(where, Rest):
            await asyncio.sleep(0)
            return
        for _ in range(max(0, where.until - clock.now())):
            if where.ready and where.ready():
                return
            await asyncio.sleep(SOON)

    return pausing


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def logs() -> SimulatedLogs:
    return SimulatedLogs()


@pytest.fixture
def broker(clock: HandClock) -> Broker:
    return MemoryBroker(HandTime(clock), 4, pausing_by(clock))


@pytest.fixture
def documents(clock: HandClock) -> Documents:
    return MemoryDocuments(COLLECTIONS, pausing_by(clock))
