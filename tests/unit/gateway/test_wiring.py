"""The gateway as the engine meets it: wired from ports, run by real workers."""

import asyncio

import pytest

from services.gateway.app import build
from services.gateway.store import COLLECTIONS
from shared.catalogue.topics import TOPICS
from shared.documents import Conflict
from tests.unit.gateway.serving import Server
from tests.unit.gateway.world import OURS

pytestmark = pytest.mark.anyio


async def test_every_consumer_has_a_name_a_topic_and_a_fold(server: Server) -> None:
    service = build(server.ports)
    assert len({consumer.name for consumer in service.consumers}) == len(service.consumers) == 5
    for consumer in service.consumers:
        assert consumer.topic in TOPICS
        assert consumer.fold(0).timers() == {}
        assert list(consumer.fold(0).save()) == []
    assert [loop.name for loop in service.loops] == ["presence", "housekeeping", "rebuilds"]
    assert len(service.routes) == 2


def test_no_collection_is_declared_twice() -> None:
    names = [collection.name for collection in COLLECTIONS]
    assert len(names) == len(set(names))


async def test_a_desk_of_another_organisation_is_not_taken_over(server: Server) -> None:
    with pytest.raises(Conflict):
        await server.gate.desks.open(OURS, "rival")


async def test_desks_take_partitions_in_turn_and_keep_them(server: Server) -> None:
    desks = server.gate.desks
    places = await asyncio.gather(*(desks.open(f"desk-{number}", "acme") for number in range(5)))
    again = await asyncio.gather(*(desks.open(f"desk-{number}", "acme") for number in range(5)))
    assert places == again
    assert len(await desks.all()) == 7
