"""A desk that leaves Kafka: its export waits until no door can have taken anything any more."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.verbs.moving.archive import Unfit
from services.verbs.moving.leaving import seal_off
from shared.brokers import kafka_address
from shared.clock import SECOND
from shared.desks import Desks
from shared.moves import LOOK_EVERY, Arrival, Movements, Seal
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


async def test_it_waits_as_long_as_a_look_and_an_append_behind_another_may_take(ports: Ports) -> None:
    began = ports.clock.now()
    await seal_off(ports, HERE, "", silent)
    assert ports.clock.now() - began >= LOOK_EVERY + mongo_address.PATIENCE + 4 * kafka_address.PATIENCE


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


async def test_nobody_leaves_while_another_desk_is_half_there(ports: Ports) -> None:
    movements = Movements(ports.documents)
    place = {"organisation": ORGANISATION, "partition": 0}
    arrival = Arrival("move", "loading", 0, 0, 0, begins={}, logs={})
    await movements.note("sales", None, place, Seal("arriving", 0), arrival)
    with pytest.raises(Unfit, match="the desk sales is not whole"):
        await seal_off(ports, HERE, "", silent)
    assert (await movements.all())[HERE].seal is None
