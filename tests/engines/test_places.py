"""Each desk's place is in the log, too: what the documents say otherwise is refused."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.verbs.kafka_topics import configs_of
from services.verbs.places import settle
from shared.broker import Outgoing, WrongLog
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from shared.brokers.kafka_places import PARTITION, TOPIC, Kept, read_places, unrecorded
from shared.desks import DESKS, Desks
from shared.service import Ports
from tests.engines import kafka
from tests.unit.shared.engine_stage import open_ports

pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.anyio]
PARTITIONS = 3
HERE = Kept("waha", 1, "open")


@dataclass
class Installation:
    ports: Ports
    address: KafkaAddress

    async def settle(self) -> dict[str, Kept]:
        """As a start does; what the log says then."""
        await settle(self.ports, self.address)
        return await read_places(self.address)

    async def rewrite(self, desk: str, **changes: object) -> None:
        documents = self.ports.documents.of("")
        found = await documents.get(DESKS.name, desk)
        assert found is not None
        await documents.replace(DESKS.name, desk, {**found.body, **changes}, found.seq)


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[Installation]:
    address = KafkaAddress(kafka.address(), f"{uuid.uuid4().hex[:8]}.")
    with KafkaAdmin(address) as admin:
        admin.create(TOPIC, PARTITIONS, 1, configs_of(TOPIC, 1))
    broker = KafkaBroker(address, PARTITIONS)
    async with open_ports(tmp_path) as ports:
        yield Installation(replace(ports, broker=broker), address)
        await broker.close()


async def test_places_are_written_once_and_found_again(installation: Installation) -> None:
    desks = Desks(installation.ports.documents, PARTITIONS)
    await desks.open("support", "waha")
    await desks.open("sales", "waha")
    assert await installation.settle() == {"support": Kept("waha", 0, "open"), "sales": HERE}
    end = (await installation.ports.broker.bounds(TOPIC, PARTITION)).next
    assert await installation.settle() == {"support": Kept("waha", 0, "open"), "sales": HERE}
    assert (await installation.ports.broker.bounds(TOPIC, PARTITION)).next == end == 2


async def test_another_partition_than_the_logs_is_refused(installation: Installation) -> None:
    await Desks(installation.ports.documents, PARTITIONS).open("support", "waha")
    await installation.settle()
    await installation.rewrite("support", partition=2)
    with pytest.raises(WrongLog, match=r"partition 0 as topic sanad.desks says, in 2 as the documents say"):
        await installation.settle()


async def test_documents_without_a_desk_the_log_knows_are_refused(installation: Installation) -> None:
    await Desks(installation.ports.documents, PARTITIONS).open("support", "waha")
    await installation.settle()
    await installation.ports.documents.clear(DESKS.name)
    with pytest.raises(WrongLog, match="knows desk support in partition 0, the documents do not: is this the database"):
        await installation.settle()


async def test_a_desk_that_is_sealed_is_written_as_such(installation: Installation) -> None:
    await Desks(installation.ports.documents, PARTITIONS).open("support", "waha")
    await installation.settle()
    await installation.rewrite("support", seal={"reason": "left", "at": 1, "to": ""})
    assert await installation.settle() == {"support": Kept("waha", 0, "left")}


async def test_what_compaction_leaves_out_is_no_hole(installation: Installation) -> None:
    await Desks(installation.ports.documents, PARTITIONS).open("support", "waha")
    await installation.settle()
    with KafkaAdmin(installation.address) as admin:
        admin.configure(TOPIC, {"cleanup.policy": "delete"})  # compaction takes its time; its effect is had at once
        admin.forget(TOPIC, PARTITION, 1)
    assert await installation.settle() == {"support": Kept("waha", 0, "open")}


async def test_a_record_of_somebody_elses_is_refused(installation: Installation) -> None:
    await installation.ports.broker.append([Outgoing(TOPIC, PARTITION, b"support", b"[]")])
    with pytest.raises(WrongLog, match="a record nobody here wrote"):
        await installation.settle()


@pytest.mark.parametrize("other", [Kept("another", 1, "open"), Kept("waha", 2, "open")])
def test_organisation_and_partition_never_change(other: Kept) -> None:
    with pytest.raises(WrongLog):
        unrecorded({"support": HERE}, {"support": other})
