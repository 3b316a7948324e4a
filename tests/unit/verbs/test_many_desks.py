"""An installation may have any number of desks: whoever reads all of them reads to the end."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from services.verbs import places
from shared.broker import Outgoing, Place
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_places import Kept
from shared.desks import DESKS, INSTALLATION, Desks
from shared.documents import PAGE, Put
from shared.moves import Movements
from shared.service import Ports
from tests.unit.shared.engine_stage import open_ports

pytestmark = pytest.mark.anyio
MANY = 2 * PAGE + 1
NAMES = [f"desk-{number:05}" for number in range(MANY)]


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[Ports]:
    async with open_ports(tmp_path) as ports:
        body = {"organisation": "acme", "partition": 0}
        await ports.documents.write([Put(DESKS.name, INSTALLATION, name, 1, body) for name in NAMES])
        yield ports


async def test_every_desk_is_known(ports: Ports) -> None:
    assert [place.id for place in await Desks(ports.documents, 1).all()] == NAMES


async def test_every_seal_is_known(ports: Ports) -> None:
    movements = Movements(ports.documents)
    assert [*await movements.all()] == NAMES


class Log:
    """What it was told of places."""

    def __init__(self) -> None:
        self.places: dict[str, Kept] = {}

    async def read(self, _: KafkaAddress) -> dict[str, Kept]:
        return dict(self.places)

    async def append(self, records: list[Outgoing]) -> list[Place]:
        for record in records:
            told = json.loads(record.value)
            self.places[(record.key or b"").decode()] = Kept(told["organisation"], told["partition"], told["state"])
        return []


async def test_every_place_is_written_in_the_log_and_found_there_again(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    asked = replace(ports, broker=cast("Any", log))
    monkeypatch.setattr(places, "read_places", log.read)
    for _ in range(2):
        await places.settle(asked, KafkaAddress("unused"))
    assert [*log.places] == NAMES
