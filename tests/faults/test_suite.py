"""The campaign itself: every fault is dealt, every point is where the product has it, the network hurts as it says, figures add up."""

import asyncio
import importlib
import pkgutil
import random
from collections import Counter
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from pydoc import locate

import pytest

from tests.e2e.crash_launcher import WORKER_POINTS, Death, build_in
from tests.e2e.living_desk import free_port
from tests.faults import nemesis
from tests.faults.campaign import deal
from tests.faults.disk import CHUNK, Disk
from tests.faults.house import ROSTER, House
from tests.faults.journal import AT_POINT, FROZEN, KILLED, LEADER, Blow
from tests.faults.judging import story_of
from tests.faults.member import SERVICES
from tests.faults.nemesis import FAULTS
from tests.faults.nemesis.versions import older_tree
from tests.faults.points import POINTS
from tests.faults.proxy import HOST, Proxy
from tests.faults.report import recovery
from tests.invariants.evidence import COMMANDS, DESK, Entry, Evidence, Violation


def test_every_file_of_the_nemesis_is_dealt() -> None:
    files = [
        importlib.import_module(f"tests.faults.nemesis.{one.name}") for one in pkgutil.iter_modules(nemesis.__path__)
    ]
    assert {fault.name for file in files for fault in file.FAULTS} == {fault.name for fault in FAULTS}
    assert max(Counter(fault.name for fault in FAULTS).values()) == 1


def test_every_fault_comes_once_before_any_comes_again_and_a_seed_is_an_order() -> None:
    def names(seed: int, count: int) -> list[str]:
        return [fault.name for fault in islice(deal(random.Random(seed), FAULTS), count)]

    assert set(names(1, len(FAULTS))) == {fault.name for fault in FAULTS}
    assert names(1, 200) == names(1, 200) != names(2, 200)
    often = Counter(names(1, len(FAULTS) + sum(fault.often for fault in FAULTS)))
    assert often == {fault.name: fault.often + 1 for fault in FAULTS}


def test_every_point_has_a_service_that_runs_and_is_somewhere() -> None:
    running = {name.partition("-")[0] for name in ROSTER}
    assert running == set(SERVICES)
    for name, point in POINTS.items():
        assert set(point.services) <= running, name
        assert (point.place[0] != "") == (name not in WORKER_POINTS)


@pytest.mark.parametrize("name", [name for name in POINTS if name not in WORKER_POINTS])
def test_a_point_is_where_the_product_has_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, owner, function, _ = POINTS[name].place
    target = f"{module}.{owner}.{function}" if owner else f"{module}.{function}"
    before = locate(target)
    assert before is not None
    monkeypatch.setattr(target, before)  # put back afterwards what is wrapped now
    build_in(Death(f"{name}:1000000"), {name: POINTS[name].place})
    assert locate(target) is not before


@pytest.fixture
async def echoing() -> AsyncIterator[Proxy]:
    """A proxy in front of a server that says everything again."""

    async def say_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while heard := await reader.read(1_000):
            writer.write(heard)
        writer.close()

    port = free_port()
    server = await asyncio.start_server(say_again, HOST, port)
    proxy = Proxy(free_port(), port)
    await proxy.open()
    yield proxy
    await proxy.close()
    server.close()


async def heard(reader: asyncio.StreamReader) -> bytes | None:
    """What comes within a moment; None: nothing, b"": it is over."""
    try:
        return await asyncio.wait_for(reader.read(1_000), 0.3)
    except TimeoutError:
        return None
    except ConnectionError:
        return b""


@pytest.mark.anyio
async def test_a_network_that_is_well_passes_everything_on(echoing: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, echoing.port)
    for word in (b"one", b"two"):
        writer.write(word)
        assert await reader.readexactly(3) == word
    writer.close()


@pytest.mark.anyio
@pytest.mark.parametrize("how", ["lose_answers", "lose_all"])
async def test_what_lost_something_is_cut_when_it_heals(echoing: Proxy, how: str) -> None:
    reader, writer = await asyncio.open_connection(HOST, echoing.port)
    writer.write(b"one")
    assert await reader.readexactly(3) == b"one"
    getattr(echoing, how)(random.Random(1), 1.0)
    writer.write(b"two")
    assert await heard(reader) is None
    echoing.heal()
    assert await heard(reader) == b""
    again, other = await asyncio.open_connection(HOST, echoing.port)
    other.write(b"one")
    assert await again.readexactly(3) == b"one"
    other.close()
    writer.close()


@pytest.mark.anyio
async def test_connections_that_are_cut_end(echoing: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, echoing.port)
    writer.write(b"one")
    await reader.readexactly(3)
    echoing.cut()
    assert await heard(reader) == b""
    writer.close()


def entry(topic: str, offset: int, at: int, kind: str, **body: str) -> Entry:
    return Entry(topic, 0, offset, at, kind, id=f"{topic}{offset}", desk="support", body=body)


EVIDENCE = Evidence(
    {
        COMMANDS: [
            entry(COMMANDS, 0, 1_000, "message.receive", message="m"),
            entry(COMMANDS, 1, 9_000, "ticket.update"),
        ],
        DESK: [
            entry(DESK, 0, 1_100, "message.received", message="m", ticket="t"),
            entry(DESK, 1, 1_200, "ticket.opened", ticket="other"),
            entry(DESK, 2, 8_000, "ticket.tagged", ticket="t"),
            entry(DESK, 3, 9_100, "ticket.tagged", ticket="t"),
        ],
    }
)


def test_the_records_of_a_violation_are_those_that_name_what_it_names() -> None:
    found = story_of(EVIDENCE, Violation("S4", "wrong", EVIDENCE.all(DESK)[2]))
    assert [(one.topic, one.offset) for one in found] == [(DESK, 0), (DESK, 2)]


def test_recovery_is_the_time_to_the_next_record(tmp_path: Path) -> None:
    house = House(tmp_path, 1, "faust")
    blows = [
        (1_150, KILLED, "router-0"),
        (1_150, KILLED, "sla-0"),
        (1_500, AT_POINT, "router-1"),
        (2_000, LEADER, "node 0"),
    ]
    house.journal.blows = [Blow(at, what, whom) for at, what, whom in (*blows, (20_000, FROZEN, "router-0"))]
    found = recovery(house, EVIDENCE)
    assert found["router killed → next decision"] == [0.05, 6.5]
    assert found["Kafka's leader killed → next write"] == [7.0]
    assert found["router silent → next decision"] == []


def test_the_release_before_has_all_services(tmp_path: Path) -> None:
    older = older_tree(tmp_path)
    if older is None:
        pytest.skip("there is no history here")
    assert all((older / "services" / name / "__main__.py").exists() for name in SERVICES.values())


def test_a_disk_that_is_full_takes_nothing_until_it_is_relieved(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "disk")
    disk.mount("8m")
    if not disk.mounted:
        pytest.skip("this machine lets us mount nothing")
    try:
        disk.fill()
        with pytest.raises(OSError, match="No space"):
            (disk.place / "more").write_bytes(CHUNK)
        disk.relieve()
        assert (disk.place / "more").write_bytes(CHUNK) == len(CHUNK)
    finally:
        disk.unmount()
