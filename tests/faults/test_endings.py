"""Faults nobody may go on after: every process says what is wrong and ends, and does so again however often it is started."""

import time
from collections.abc import Iterator

import pytest

from services.verbs.kafka_topics import configs_of
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from shared.catalogue.topics import COMMANDS, DESK
from tests.e2e.service_desk import ServiceDesk, opened
from tests.engines.foreign import write_record
from tests.engines.installation import PARTITIONS, SHELLS_OF_LONG_TESTS

pytestmark = [pytest.mark.engines, pytest.mark.slow]
NEWER = "sanad.ticket.foreseen.v1"
FAILED, REFUSED = 1, 2
"""Exit codes: ended by a failure; refused until somebody puts it right."""


@pytest.fixture(params=SHELLS_OF_LONG_TESTS)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceDesk]:
    with opened(tmp_path_factory.mktemp("ending"), request.param) as desk:
        message = desk.write(1)
        desk.until(lambda: message in desk.opened(), "the desk decides")
        yield desk


def address_of(desk: ServiceDesk) -> KafkaAddress:
    return KafkaAddress(desk.environment["SANAD_KAFKA_SERVERS"], desk.environment["SANAD_KAFKA_PREFIX"])


def test_a_topic_that_was_created_anew_ends_who_reads_it_and_nobody_starts_on_it(desk: ServiceDesk) -> None:
    for name in ("router", "sla", "survey", "projector"):
        assert desk.stop(name) == 0, desk.log()  # what they saved names the topic they knew
        desk.start(name)
    message = desk.write(2)
    desk.until(lambda: message in desk.opened(), "the desk decides again")
    with KafkaAdmin(address_of(desk)) as admin:
        admin.delete(DESK.name)
        time.sleep(1)
        admin.create(DESK.name, PARTITIONS, 1, configs_of(DESK.name, 1))
    for name in ("sla", "survey", "projector"):
        assert desk.wait_for_end(name) in {FAILED, REFUSED}
    for name in ("sla", "survey", "projector"):
        desk.start(name)
        assert desk.wait_for_end(name) in {FAILED, REFUSED}
    assert "created anew" in desk.log()


def test_a_record_of_a_newer_release_ends_its_readers_and_is_no_dead_letter(desk: ServiceDesk) -> None:
    write_record(
        address_of(desk), COMMANDS.name, 0, b"support", b"{}", {"ce_type": NEWER, "ce_partitionkey": "support"}
    )
    for name in ("router", "projector"):
        assert desk.wait_for_end(name) in {FAILED, REFUSED}
        desk.start(name)
        assert desk.wait_for_end(name) in {FAILED, REFUSED}
    assert NEWER in desk.log()
    with desk.client() as client:
        assert client.get("/v1/dead-letters").raise_for_status().json()["items"] == []
