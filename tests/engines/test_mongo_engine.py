"""The server that speaks MongoDB's protocol: what its launcher adds to it, and what it keeps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import BulkWriteError, OperationFailure

from deploy.engines import children, mongo
from deploy.engines.mongo import Server
from deploy.engines.running import EngineFailed
from tests.engines.kafka import need_java, quiet

pytestmark = pytest.mark.engines

Client = MongoClient[dict[str, Any]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    need_java()
    started = mongo.start(tmp_path, quiet, port=None)
    yield started
    started.stop()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.address, timeoutMS=10_000) as connected:
        yield connected


@pytest.mark.parametrize("command", ["hello", "isMaster"])
def test_drivers_of_today_take_it_for_a_server_of_today(client: Client, command: str) -> None:
    assert client.admin.command(command)["maxWireVersion"] == 13


def test_the_newer_name_of_a_stage_is_understood(client: Client) -> None:
    client.sanad.things.insert_one({"_id": 1})
    assert [*client.sanad.things.aggregate([{"$set": {"seen": True}}])] == [{"_id": 1, "seen": True}]


def test_an_unordered_insert_counts_what_was_inserted(client: Client) -> None:
    with pytest.raises(BulkWriteError) as refusal:
        client.sanad.things.insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}], ordered=False)
    assert refusal.value.details["nInserted"] == 2


def test_what_was_acknowledged_outlives_a_kill(server: Server, client: Client) -> None:
    for number in range(200):
        client.sanad.things.insert_one({"_id": number})
    server.kill()
    server.start()
    assert client.sanad.things.count_documents({}) == 200


def test_a_full_disk_can_be_had_and_ended(client: Client) -> None:
    client.admin.command({"starve": True})
    with pytest.raises(OperationFailure, match="full"):
        client.sanad.things.insert_one({"_id": 1})
    assert client.sanad.things.count_documents({}) == 0
    client.admin.command({"starve": False})
    client.sanad.things.insert_one({"_id": 1})
    assert client.sanad.things.count_documents({}) == 1


def test_a_taken_port_is_told_and_leaves_nothing_running(server: Server, tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="Address already in use"):
        mongo.start(tmp_path / "second", quiet, port=server.port)
    assert server.child is not None
    assert children.alive(server.child)


def test_in_memory_nothing_outlives_a_restart(tmp_path: Path) -> None:
    need_java()
    brief = mongo.start(tmp_path, quiet, durable=False, port=None)
    try:
        with Client(brief.address, timeoutMS=10_000) as connected:
            connected.sanad.things.insert_one({"_id": 1})
            brief.kill()
            brief.start()
            assert connected.sanad.things.count_documents({}) == 0
    finally:
        brief.stop()
