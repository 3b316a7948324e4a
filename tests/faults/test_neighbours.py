"""L5: what one desk suffers, flood or poison, delays no other: a neighbour's command is decided before the trouble is over."""

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from shared.broker import Outgoing
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import PutAgent
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS, DESK
from shared.catalogue.values import Principal
from shared.clock import SystemClock
from tests.e2e.service_desk import ServiceDesk, opened
from tests.engines.installation import PARTITIONS, SHELLS_OF_LONG_TESTS
from tests.faults.nemesis.poison import headers_of

pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.campaign]
RECORDS = 4_000
"""Of trouble: far more work than one command of a neighbour."""
TROUBLED, NEIGHBOUR = 0, 1
"""Partitions."""


@pytest.fixture(scope="module", params=SHELLS_OF_LONG_TESTS)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceDesk]:
    with opened(tmp_path_factory.mktemp("neighbours"), request.param) as desk:
        yield desk


def command(desk: str, partition: int) -> Outgoing:
    name = str(uuid.uuid4())
    by = Principal(organisation="waha", desk=desk, id="system", role="system")
    body = PutAgent(by=by, agent=f"agent-{name[:8]}", name="Amal", role="agent", capacity=1)
    return encode(
        Envelope(name, "gateway", SystemClock().now(), "waha", desk, name, name, body), COMMANDS.name, partition
    )


def poison() -> Outgoing:
    headers = tuple(headers_of("sanad.ticket.update.v1"))
    return Outgoing(COMMANDS.name, TROUBLED, b"support", b'{"ticket": "\xff"}', headers)


async def settled_at(broker: KafkaBroker, partition: int, wanted: Outgoing) -> int:
    """When the log took the outcome of that command."""
    name, at = dict(wanted.headers)["ce_id"].decode(), 0
    while True:
        for record in await broker.read(DESK.name, partition, at):
            at = record.offset + 1
            body = decode(record).body
            if getattr(body, "command", None) == name:
                return record.appended_at
        await broker.wait(DESK.name, partition, at, 1_000)


async def race(address: KafkaAddress, trouble: list[Outgoing]) -> tuple[int, int]:
    """When the neighbour was answered, and when the troubled desk had worked through it all."""
    broker = KafkaBroker(address, PARTITIONS)
    try:
        await broker.append([command("neighbour", NEIGHBOUR)])
        last, asked = command("support", TROUBLED), command("neighbour", NEIGHBOUR)
        # the question comes with the first of the trouble, not after it
        await asyncio.gather(broker.append([*trouble, last]), broker.append([asked]))
        async with asyncio.timeout(240):
            return await settled_at(broker, NEIGHBOUR, asked), await settled_at(broker, TROUBLED, last)
    finally:
        await broker.close()


@pytest.mark.parametrize("kind", ["flood", "poison"])
def test_a_neighbour_is_decided_before_the_trouble_is_over(desk: ServiceDesk, kind: str) -> None:
    address = KafkaAddress(desk.environment["SANAD_KAFKA_SERVERS"], desk.environment["SANAD_KAFKA_PREFIX"])
    trouble = [poison() if kind == "poison" else command("support", TROUBLED) for _ in range(RECORDS)]
    neighbour, troubled = asyncio.run(race(address, trouble))
    assert neighbour < troubled
