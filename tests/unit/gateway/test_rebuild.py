"""A rebuild finds what is wrong, puts exactly that right, and lets everybody go on meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.gateway.handlers import PROJECTIONS
from services.gateway.handlers.projection import Projector
from services.gateway.rebuild.orders import SILENCE, Order, Orders
from services.gateway.rebuild.rebuild import Rebuild, Result
from services.gateway.rebuild.rebuilds import BY_NAME, Rebuilds
from services.gateway.store import AGENTS, MARKS, SETTLED, TICKETS
from shared.broker import BrokerUnavailable
from shared.clock import DAY
from shared.desks import DeskPlace
from shared.documents import DocumentsUnavailable, Drop, Put, Write
from shared.policy.terms import Status
from shared.turns import Turns, Writer
from tests.contracts.ports.adapters import STORES
from tests.contracts.ports.conftest import rows
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import Server, problem
from tests.unit.gateway.world import ALL_COLLECTIONS, OURS, THEIRS, World

pytestmark = pytest.mark.anyio


@pytest.fixture(params=rows(STORES))
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    documents = STORES[request.param].open(tmp_path, ALL_COLLECTIONS)
    world = await World(tmp_path, documents=documents).open()
    yield world
    await world.close()


@pytest.fixture
async def rebuilding(server: Server) -> AsyncIterator[Server]:
    """A server whose rebuilds run, beside workers that can be held."""
    for worker in server.world.workers:
        server.ports.turns.enrol(worker.name, worker.partition, worker)
    async with looking(server.gate.rebuilds):
        yield server


@asynccontextmanager
async def looking(rebuilds: Rebuilds) -> AsyncIterator[None]:
    """The block has a process that does what is asked for and it can."""
    running = asyncio.create_task(rebuilds.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def place(server: Server, desk: str = OURS) -> DeskPlace:
    found = await server.gate.desks.find(desk)
    assert found is not None
    return found


async def rebuild(server: Server, name: str = "console", desk: str = OURS) -> Order:
    await server.gate.rebuilds.ask(await place(server, desk), name)
    return await ended(server, name, desk)


async def ended(server: Server, name: str = "console", desk: str = OURS) -> Order:
    """The last order, when it is done or failed."""
    while True:
        order = await server.gate.rebuilds.find(desk, name)
        if order is not None and order.state in {"done", "failed"}:
            return order
        await asyncio.sleep(0.001)


async def some_life(world: World) -> None:
    await world.say(say.agent(), *say.intake())
    await world.say(*say.intake("t2", 1025))
    await world.say(say.status(Status.PENDING, former=Status.OPEN))
    await world.settle("cmd-1")
    await world.say(*say.intake("their", 7), desk=THEIRS)
    await world.catch_up()


async def everything(world: World, desk: str = OURS) -> dict[str, Any]:
    """Every document of every projection."""
    found: dict[str, Any] = {}
    for projection in PROJECTIONS:
        for collection in projection.collections:
            page = await world.documents.of(desk).page(collection, limit=500)
            found |= {f"{collection}/{one.key}": (one.seq, one.body) for one in page.documents}
    marks = await world.documents.of(desk).page(MARKS.name, limit=500)
    return found | {f"marks/{one.key}": (one.seq, one.body) for one in marks.documents}


async def test_a_rebuild_of_sound_documents_changes_nothing(rebuilding: Server) -> None:
    await some_life(rebuilding.world)
    before = await everything(rebuilding.world)
    for name in BY_NAME:
        asked = await rebuild(rebuilding, name)
        result = asked.result
        assert (asked.state, result.wrong, result.missing, result.extra) == ("done", 0, 0, 0)
    assert await everything(rebuilding.world) == before


async def test_what_is_wrong_missing_or_extra_is_found_and_put_right(rebuilding: Server) -> None:
    world = rebuilding.world
    await some_life(world)
    before = await everything(world)
    ticket = await world.get(TICKETS, "t1")
    await world.documents.write(
        [
            Drop(TICKETS.name, OURS, "t1"), Put(TICKETS.name, OURS, "t1", 9, {**ticket, "status": "closed"}),
            Drop(AGENTS.name, OURS, "sara"), Put(TICKETS.name, OURS, "nobody", 3, {"number": 999}),
            Drop(MARKS.name, OURS, "sanad.desk"),
        ]
    )  # fmt: skip
    result = (await rebuild(rebuilding)).result
    assert (result.wrong, result.missing, result.extra) == (1, 2, 1)
    assert await everything(world) == before


async def test_other_desks_are_neither_read_nor_touched(rebuilding: Server) -> None:
    world = rebuilding.world
    await some_life(world)
    await world.documents.write([Drop(TICKETS.name, THEIRS, "their")])
    assert (await rebuild(rebuilding)).result.missing == 0
    assert await world.documents.of(THEIRS).get(TICKETS.name, "their") is None
    assert (await rebuild(rebuilding, desk=THEIRS)).result.missing == 1


async def a_rebuild(server: Server, turns: Turns) -> Rebuild:
    """Of the console, by a process with these turns."""
    world, folder = server.world, server.ports.settings.folder
    desk, projection = await place(server), BY_NAME["console"]
    return Rebuild(world.broker, world.documents, turns, world.clock, folder, desk, projection)


class Overtaken(Turns):
    """The turn comes only after another process has taken over and gone on."""

    def __init__(self, turns: Turns, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._turns, self._meanwhile = turns, meanwhile

    def has(self, name: str, partition: int) -> bool:
        return self._turns.has(name, partition)

    @asynccontextmanager
    async def hold(self, name: str, partition: int) -> AsyncIterator[Writer]:
        await self._meanwhile()
        async with self._turns.hold(name, partition) as writer:
            yield writer


async def test_who_was_overtaken_puts_nothing_right_that_came_later(rebuilding: Server) -> None:
    world = rebuilding.world
    await some_life(world)
    await world.documents.write([Drop(TICKETS.name, OURS, "t2")])
    theirs = {"number": 1024, "status": "solved"}

    async def meanwhile() -> None:
        await world.say(*say.intake("t3", 1026))
        drop = Drop(TICKETS.name, OURS, "t1")
        await world.documents.write([drop, Put(TICKETS.name, OURS, "t1", 900, theirs)])

    turns = Overtaken(rebuilding.ports.turns, meanwhile)
    one = await a_rebuild(rebuilding, turns)
    await one.run()
    assert (one.result.wrong, one.result.missing, one.result.extra) == (0, 1, 0)
    assert await world.get(TICKETS, "t1") == theirs


async def test_who_takes_over_while_it_is_put_right_keeps_what_came_later(
    rebuilding: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, turns = rebuilding.world, rebuilding.ports.turns
    await some_life(world)
    for key in ("t1", "t2"):
        found = await world.documents.of(OURS).get(TICKETS.name, key)
        assert found is not None
        spoiled = {**found.body, "status": "closed"}
        await world.documents.write([Put(TICKETS.name, OURS, key, found.seq, spoiled, over=found.seq)])
    console, write = world.workers[0], world.documents.write

    async def then_hand_over(writes: Sequence[Write]) -> None:
        await write(writes)
        if turns.has("console", 0) and any(one.collection == TICKETS.name for one in writes):
            turns.dismiss("console", 0, console)
            await world.say(say.status(Status.PENDING, former=Status.OPEN, ticket="t2"))
            await world.catch_up()

    monkeypatch.setattr("services.gateway.rebuild.rebuild.PAGE", 1)
    monkeypatch.setattr(world.documents, "write", then_hand_over)
    one = await a_rebuild(rebuilding, turns)
    await one.run()
    assert (one.result.wrong, one.result.missing, one.result.extra) == (1, 0, 0)
    assert [(await world.get(TICKETS, key))["status"] for key in ("t1", "t2")] == ["pending", "pending"]


async def test_two_rebuilds_at_once_do_not_meet(rebuilding: Server) -> None:
    await some_life(rebuilding.world)
    other = await a_rebuild(rebuilding, Overtaken(rebuilding.ports.turns, partial(asyncio.sleep, 0.05)))
    await asyncio.gather(other.run(), rebuild(rebuilding))
    result = (await ended(rebuilding)).result
    assert (result.wrong, result.missing, result.extra) == (0, 0, 0)


async def test_the_second_set_is_gone_afterwards_and_what_a_killed_process_left_as_well(rebuilding: Server) -> None:
    await some_life(rebuilding.world)
    folder = rebuilding.ports.settings.folder
    left = folder / "scratch-of-the-dead"
    left.mkdir(parents=True)
    (left / "documents.sqlite").write_bytes(b"half")
    other = await a_rebuild(rebuilding, Overtaken(rebuilding.ports.turns, partial(rebuild, rebuilding)))
    await other.run()
    assert (await ended(rebuilding)).state == "done"
    assert [*folder.glob("scratch-*")] == []


async def test_facts_that_come_meanwhile_are_neither_lost_nor_taken_for_mistakes(rebuilding: Server) -> None:
    world = rebuilding.world
    await some_life(world)

    async def go_on() -> None:
        for number in range(40):
            await world.say(*say.intake(f"n{number}", 2_000 + number))
            console = world.workers[0]
            async with rebuilding.ports.turns.hold("console", 0):
                while records := await world.broker.read(console.topic, 0, console.position):
                    await console.feed(records)
            await asyncio.sleep(0)

    going = asyncio.create_task(go_on())
    results = [(await rebuild(rebuilding)).result for _ in range(3)]
    await going
    assert [(result.wrong, result.missing, result.extra) for result in results] == [(0, 0, 0)] * 3
    assert len(await world.all(TICKETS)) == 42


async def test_the_worker_goes_on_from_what_the_rebuild_remembers(rebuilding: Server) -> None:
    world = rebuilding.world
    await some_life(world)
    projector = world.workers[0].fold
    assert isinstance(projector, Projector)
    projector.adopt(OURS, Projector(BY_NAME["console"]))
    line = projector.line_of(OURS)
    assert line is not None
    line.holdings.take_back("t1")
    await rebuild(rebuilding)
    await world.say(*say.intake("t3", 1026))
    await world.catch_up()
    assert (await world.get(AGENTS, "sara"))["held"] == 3


async def test_a_restart_after_a_rebuild_begins_at_a_sound_checkpoint(rebuilding: Server) -> None:
    world = rebuilding.world
    await some_life(world)
    await rebuild(rebuilding)
    await world.restart(saved=True)
    await world.say(*say.intake("t3", 1026))
    await world.catch_up()
    assert (await world.get(AGENTS, "sara"))["held"] == 3


async def test_outcomes_that_are_past_their_time_are_not_brought_back(rebuilding: Server) -> None:
    world = rebuilding.world
    await some_life(world)
    await world.documents.write([Drop(SETTLED.name, OURS, "cmd-1")])
    world.clock.time += 9 * DAY
    assert (await rebuild(rebuilding)).result.missing == 0
    assert await world.all(SETTLED) == []


async def test_asking_twice_is_one_rebuild(server: Server) -> None:
    at, rebuilds = await place(server), server.gate.rebuilds
    first = await rebuilds.ask(at, "console")
    assert await rebuilds.ask(at, "console") == first
    assert first.state == "waiting"


async def test_a_new_one_is_asked_for_when_the_last_has_ended(rebuilding: Server) -> None:
    await some_life(rebuilding.world)
    first = await rebuild(rebuilding)
    assert (await rebuild(rebuilding)).seq > first.seq


async def test_a_process_that_does_not_write_the_projection_leaves_it_to_who_does(server: Server) -> None:
    await some_life(server.world)
    at = await place(server)
    theirs = copy(server.ports)
    vars(theirs)["turns"] = Turns()
    elsewhere = Rebuilds(theirs, server.gate.desks)
    async with looking(elsewhere):
        await elsewhere.ask(at, "console")
        await asyncio.sleep(0.05)
        order = await elsewhere.find(OURS, "console")
        assert order is not None
        assert order.state == "waiting"
        for worker in server.world.workers:
            server.ports.turns.enrol(worker.name, worker.partition, worker)
        async with looking(server.gate.rebuilds):
            assert (await ended(server)).state == "done"


async def test_what_somebody_began_who_is_gone_is_begun_anew(rebuilding: Server) -> None:
    world = rebuilding.world
    orders = Orders(world.documents, world.clock)
    lost = await orders.tell(await orders.ask(OURS, "console"), "running", Result(read=7))
    assert lost is not None
    assert [order async for order in orders.waiting()] == []
    world.clock.time += SILENCE + 1
    assert [order.projection async for order in orders.waiting()] == ["console"]
    assert (await ended(rebuilding)).state == "done"
    assert await orders.tell(lost, "done", Result()) is None


async def test_two_who_could_do_it_do_it_once(rebuilding: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await some_life(rebuilding.world)
    run, begun = Rebuild.run, []

    async def counted(one: Rebuild) -> None:
        begun.append(one.place.id)
        await run(one)

    monkeypatch.setattr(Rebuild, "run", counted)
    async with looking(Rebuilds(rebuilding.ports, rebuilding.gate.desks)):
        await rebuilding.gate.rebuilds.ask(await place(rebuilding), "console")
        assert (await ended(rebuilding)).state == "done"
        await asyncio.sleep(0.05)
    assert begun == [OURS]


async def test_a_rebuild_that_fails_says_so_and_the_next_one_can_work(
    rebuilding: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_life(rebuilding.world)
    await rebuilding.world.documents.write([Drop(TICKETS.name, OURS, "t1")])

    async def refuse(*_: object) -> None:
        raise DocumentsUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(rebuilding.world.documents, "write", refuse)
        assert (await rebuild(rebuilding)).state == "failed"
    assert (await rebuild(rebuilding)).state == "done"


async def test_nothing_is_read_of_a_partition_that_has_left(
    rebuilding: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, turns = rebuilding.world, rebuilding.ports.turns
    await some_life(world)
    read, asked = world.broker.read, []

    async def once(*where: Any) -> Any:
        asked.append(where)
        turns.dismiss("console", 0, world.workers[0])
        return await read(*where)

    monkeypatch.setattr("services.gateway.rebuild.shadow.RUN", 1)
    monkeypatch.setattr(world.broker, "read", once)
    with pytest.raises(KeyError):
        await (await a_rebuild(rebuilding, turns)).run()
    assert len(asked) == 1


@pytest.mark.parametrize("fault", [KeyError, BrokerUnavailable, DocumentsUnavailable])
async def test_a_rebuild_whose_worker_moves_meanwhile_waits_for_the_next_process(
    rebuilding: Server, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    turns, console, begun = rebuilding.ports.turns, rebuilding.world.workers[0], asyncio.Event()

    async def hand_over(_: Rebuild) -> None:
        turns.dismiss("console", 0, console)
        begun.set()
        raise fault

    with monkeypatch.context() as moving:
        moving.setattr(Rebuild, "run", hand_over)
        order = await rebuilding.gate.rebuilds.ask(await place(rebuilding), "console")
        await begun.wait()
        while order.state == "running" or order.seq < 3:
            await asyncio.sleep(0.001)
            order = await rebuilding.gate.rebuilds.find(OURS, "console") or order
    assert order.state == "waiting"
    turns.enrol("console", 0, console)
    assert (await ended(rebuilding)).state == "done"


async def test_a_rebuild_is_asked_for_and_followed_over_http(rebuilding: Server) -> None:
    await some_life(rebuilding.world)
    async with rebuilding.client(await rebuilding.key()) as client:
        assert problem(await client.get("/v1/projections/console/rebuild"))["reason"] == "no_such_rebuild"
        asked = await client.post("/v1/projections/console/rebuild")
        assert asked.status_code == 202
        assert (await ended(rebuilding)).state == "done"
        answer = (await client.get("/v1/projections/console/rebuild")).json()
        assert (answer["wrong"], answer["missing"], answer["extra"]) == (0, 0, 0)
        assert answer["read"] == answer["end"] > 0
        assert answer["documents"] > 5
        assert problem(await client.post("/v1/projections/texts/rebuild"))["reason"] == "no_such_projection"


async def test_who_only_reads_operations_rebuilds_nothing(server: Server) -> None:
    async with server.client(await server.key("integrator", scopes=("operations:read",))) as client:
        assert (await client.post("/v1/projections/console/rebuild")).status_code == 403
