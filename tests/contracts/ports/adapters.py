"""Who keeps the contracts of the ports. A second adapter joins by one row in each table, the suites unchanged."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hypothesis import HealthCheck, settings

from shared.broker import Broker
from shared.brokers.sqlite import SqliteBroker
from shared.clock import Clock, Ms
from shared.documents import Collection, Documents
from shared.stores.sqlite import SqliteDocuments
from tests.contracts.ports.hand_clock import HandClock
from tests.contracts.ports.kafka_logs import KafkaLogs
from tests.contracts.ports.mongo_stores import MongoStores


class Logs(Protocol):
    """How the suite gets at an engine's log, and at the troubles it may have."""

    def open(self, place: Path, clock: Clock, partitions: int = 4) -> Broker:
        """The log kept at `place`; what was appended there before is there."""

    def starve(self, broker: Broker) -> None:
        """From now on nothing new can be stored."""

    def mend(self, broker: Broker) -> None:
        """It can again."""

    async def later(self, clock: HandClock) -> None:
        """Return when the log's time, which may be another than this clock's, is later than now."""

    async def trim(self, broker: Broker, topic: str, partition: int, before: Ms) -> int:
        """Retention: forget what is older; returns the first offset kept."""


class Stores(Protocol):
    """How the suite gets at an engine's documents, and at the troubles they may have."""

    def open(self, place: Path, collections: Sequence[Collection]) -> Documents:
        """The documents kept at `place`."""

    def starve(self, documents: Documents) -> None:
        """From now on nothing new can be stored."""

    def mend(self, documents: Documents) -> None:
        """It can again."""


class SqliteLogs:
    def open(self, place: Path, clock: Clock, partitions: int = 4) -> Broker:
        return SqliteBroker(place / "log.db", partitions, clock)

    def starve(self, broker: Broker) -> None:
        assert isinstance(broker, SqliteBroker)
        (pages,) = broker.log.connection.execute("PRAGMA page_count").fetchone()
        broker.log.connection.execute(f"PRAGMA max_page_count = {pages}")

    def mend(self, broker: Broker) -> None:
        assert isinstance(broker, SqliteBroker)
        broker.log.connection.execute("PRAGMA max_page_count = 1000000")

    async def later(self, clock: HandClock) -> None:
        clock.at += 1_000

    async def trim(self, broker: Broker, topic: str, partition: int, before: Ms) -> int:
        assert isinstance(broker, SqliteBroker)
        return await broker.trim(topic, partition, before)


class SqliteStores:
    def open(self, place: Path, collections: Sequence[Collection]) -> Documents:
        return SqliteDocuments(place / "documents.db", collections)

    def starve(self, documents: Documents) -> None:
        assert isinstance(documents, SqliteDocuments)
        (pages,) = documents.writer.connection.execute("PRAGMA page_count").fetchone()
        documents.writer.connection.execute(f"PRAGMA max_page_count = {pages}")

    def mend(self, documents: Documents) -> None:
        assert isinstance(documents, SqliteDocuments)
        documents.writer.connection.execute("PRAGMA max_page_count = 1000000")


# Examples share one store: each of them begins by clearing what it uses.
SHARED_STORE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

LOGS: dict[str, Logs] = {"sqlite": SqliteLogs(), "kafka": KafkaLogs()}
REAL_ENGINES = {"kafka", "mongo", "mongo by pymongo"}
"""Adapters whose rows need more than this repository: see tests/engines."""
STORES: dict[str, Stores] = {
    "sqlite": SqliteStores(),
    "mongo": MongoStores("motor"),
    "mongo by pymongo": MongoStores("pymongo"),
}
