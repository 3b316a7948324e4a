"""A desk that leaves Kafka: its export waits until no door can have taken anything any more."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.verbs.moving.leaving import seal_off
from shared.brokers import kafka_address
from shared.clock import SECOND
from shared.desks import Desks
from shared.moves import LOOK_EVERY
from shared.service import Ports
from shared.stores import mongo_address
from tests.unit.gateway.world import HandClock
from tests.unit.verbs.moving.site import ORGANISATION, silent, site

pytestmark = pytest.mark.anyio
HERE = "support"


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[Ports]:
    async with site(tmp_path) as ports:
        await Desks(ports.documents, 1).open(HERE, ORGANISATION)
        settings = ports.settings.model_copy(update={"engine": "kafka"})
        yield replace(ports, settings=settings, clock=HandClock())


async def test_it_waits_as_long_as_a_look_and_an_append_under_way_may_take(ports: Ports) -> None:
    began = ports.clock.now()
    await seal_off(ports, HERE, "", silent)
    assert ports.clock.now() - began > LOOK_EVERY + mongo_address.PATIENCE + 2 * kafka_address.PATIENCE


async def test_who_was_cut_short_waits_for_the_rest_and_who_was_not_waits_no_more(ports: Ports) -> None:
    began = ports.clock.now()
    clock = HandClock()
    clock.flows = False
    await seal_off(replace(ports, clock=clock), HERE, "", silent)  # it did not wait at all
    clock.flows, clock.time = True, began + 10 * SECOND
    await seal_off(replace(ports, clock=clock), HERE, "", silent)
    waited = clock.now() - began
    await seal_off(replace(ports, clock=clock), HERE, "", silent)
    assert clock.now() - began == waited
    await seal_off(ports, HERE, "", silent)
    assert ports.clock.now() - began == waited
