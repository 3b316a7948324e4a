"""Sealed desks are known before anything is taken, whoever asks first, however slow the store is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from services.verbs.moving.knowing import knowing_moves
from shared.broker import Outgoing, Record
from shared.catalogue.topics import COMMANDS, DESK
from shared.clock import Ms
from shared.desks import Desks
from shared.documents import Documents, DocumentsUnavailable
from shared.emissions import Output
from shared.engine import no_step
from shared.engine.seat import Seat
from shared.moves import LOOK_EVERY, TRUSTED, DeskSealed, Movements, Seal, SealedBroker, Seals
from shared.service import Consumer, Ports
from tests.unit.shared.engine_stage import Copying, FrozenClock, open_ports

pytestmark = pytest.mark.anyio
GONE = "support"
COMMAND = Outgoing(COMMANDS.name, 0, GONE.encode(), b"{}")


class Asking(Copying):
    """Every fact lets it ask the desk for something, and its timer is due."""

    def apply(self, record: Record) -> list[Output]:
        return [Outgoing(COMMANDS.name, record.partition, record.key or b"", b"ask")]

    def timers(self) -> dict[str, tuple[str, Ms]]:
        return {GONE: ("acme", 1), "here": ("acme", 1)}


class Looked:
    """The store as seen by who looks: slow, counted, and away when told."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents.of("")
        self.looks, self.away = 0, False

    def of(self, _desk: str) -> "Looked":
        return self

    async def page(self, *given: Any, **named: Any) -> Any:
        self.looks += 1
        await asyncio.sleep(0.02)
        if self.away:
            raise DocumentsUnavailable("away")
        return await self._documents.page(*given, **named)


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[Ports]:
    async with open_ports(tmp_path, FrozenClock(1_000)) as ports:
        await Desks(ports.documents, 1).open(GONE, "acme")
        await seal(ports)
        yield ports


async def seal(ports: Ports) -> None:
    movements = Movements(ports.documents)
    movement = await movements.find(GONE)
    assert movement is not None
    await movements.note(GONE, movement, movement.place, Seal("left", 1), None)


def looking(ports: Ports) -> tuple[Looked, Seals]:
    looked = Looked(ports.documents)
    return looked, Seals(cast("Documents", looked), ports.clock)


async def test_all_who_come_during_the_first_look_are_refused_by_it(ports: Ports) -> None:
    looked, seals = looking(ports)
    sealed = SealedBroker(ports.broker, seals)
    outcomes = await asyncio.gather(*(sealed.append([COMMAND]) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DeskSealed] * 3
    assert looked.looks == 1


@pytest.mark.parametrize(("silence", "refused"), [(LOOK_EVERY, [True, False]), (TRUSTED, [True, True])])
async def test_during_a_later_look_what_was_last_said_counts_for_a_while(
    ports: Ports, silence: Ms, refused: list[bool]
) -> None:
    looked, seals = looking(ports)
    seals.know({})
    cast("FrozenClock", ports.clock).time += silence
    assert [GONE in found for found in await asyncio.gather(seals.now(), seals.now())] == refused
    assert looked.looks == 1


async def test_nobody_is_told_that_nothing_is_sealed_before_the_store_has_said_so(ports: Ports) -> None:
    looked, seals = looking(ports)
    looked.away = True
    outcomes = await asyncio.gather(seals.now(), seals.now(), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DocumentsUnavailable] * 2
    assert looked.looks == 1
    looked.away = False
    cast("FrozenClock", ports.clock).time += LOOK_EVERY
    assert GONE in await seals.now()


async def test_while_the_store_is_away_what_it_last_said_holds(ports: Ports) -> None:
    looked, seals = looking(ports)
    await seals.now()
    looked.away = True
    cast("FrozenClock", ports.clock).time += LOOK_EVERY
    assert GONE in await seals.now()
    assert looked.looks == 2


async def test_a_process_starts_with_what_it_has_just_read(ports: Ports) -> None:
    started = await knowing_moves(ports)
    assert started.seals is ports.seals
    # nobody looks again at once
    await ports.documents.close()
    assert GONE in await started.seals.now()
    with pytest.raises(DeskSealed):
        await started.broker.append([COMMAND])


async def test_what_a_worker_says_of_a_sealed_desk_holds_up_no_other_desk(ports: Ports) -> None:
    started = await knowing_moves(ports)
    await started.broker.append([Outgoing(DESK.name, 0, desk.encode(), b"fact") for desk in (GONE, "here")])
    seat = Seat(started, Consumer("sla", DESK.name, lambda _partition: Asking()), 0, no_step)
    await seat.load()
    async with asyncio.timeout(30):
        assert await seat.worker.advance(0) == 2
    said = await ports.broker.read(COMMANDS.name, 0, 0)
    assert [record.key for record in said if record.value == b"ask"] == [GONE.encode(), b"here"]
    # of itself it does nothing for a desk that lives elsewhere
    assert [record.key for record in said if record.value != b"ask"] == [b"here"]
