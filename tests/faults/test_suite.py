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
from tests.faults.dealing import Needs, deal, file_of, no_needs
from tests.faults.disk import CHUNK, Disk
from tests.faults.fault import Fault
from tests.faults.goals import ZOMBIES
from tests.faults.house import ROSTER
from tests.faults.judging import story_of
from tests.faults.member import SERVICES
from tests.faults.nemesis import FAULTS
from tests.faults.nemesis.versions import older_tree
from tests.faults.points import POINTS
from tests.faults.proxy import HOST, Call, Proxy, Side
from tests.invariants.evidence import COMMANDS, DESK, Entry, Evidence, Violation


def test_every_file_of_the_nemesis_is_dealt() -> None:
    files = [
        importlib.import_module(f"tests.faults.nemesis.{one.name}") for one in pkgutil.iter_modules(nemesis.__path__)
    ]
    assert {fault.name for file in files for fault in file.FAULTS} == {fault.name for fault in FAULTS}
    assert max(Counter(fault.name for fault in FAULTS).values()) == 1


def dealt(seed: int, count: int, needs: Needs = no_needs) -> list[Fault]:
    return list(islice(deal(random.Random(seed), FAULTS, needs), count))


def test_every_fault_comes_once_before_any_comes_again_and_a_seed_is_an_order() -> None:
    assert {fault.name for fault in dealt(1, len(FAULTS))} == {fault.name for fault in FAULTS}
    assert dealt(1, 200) == dealt(1, 200) != dealt(2, 200)


@pytest.mark.parametrize("seed", range(9))
def test_one_of_each_file_comes_before_all_others_and_what_outlasts_itself_first(seed: int) -> None:
    files = {file_of(fault) for fault in FAULTS}
    first = dealt(seed, len(files))
    assert {file_of(fault) for fault in first} == files
    assert [fault.aftermath for fault in first] == sorted((fault.aftermath for fault in first), reverse=True)


def test_afterwards_each_comes_as_often_as_it_is() -> None:
    often = Counter(fault.name for fault in dealt(1, 3_000)[len(FAULTS) :])
    assert min(often.values()) > 0
    assert often["killed at named points"] > 3 * often["database silent"]


@pytest.mark.parametrize("goal", sorted({goal for fault in FAULTS for goal in fault.serves}))
def test_a_goal_that_lags_much_is_all_that_is_served(goal: str) -> None:
    later = dealt(1, 300, lambda: {goal: 2.0, "another": 3.0})[len(FAULTS) :]
    assert all(goal in fault.serves for fault in later)


def test_a_goal_that_is_reached_is_served_no_more_than_anything_else() -> None:
    assert dealt(1, 300, lambda: {ZOMBIES: 0.0}) != dealt(1, 300, lambda: {ZOMBIES: 1.0})
    share = Counter(ZOMBIES in fault.serves for fault in dealt(1, 2_000, lambda: {ZOMBIES: 0.0}))
    assert share[True] < share[False] / 5


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


class Wire(asyncio.Transport):
    """To a server; keeps what is said to it."""

    def __init__(self) -> None:
        super().__init__()
        self.said = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.said += data

    def is_closing(self) -> bool:
        return False


@pytest.mark.anyio
async def test_what_a_client_said_before_its_server_was_reached_comes_first(echoing: Proxy) -> None:
    call, wire = Call(), Wire()
    client, server = Side(echoing, call, of_client=True), Side(echoing, call, of_client=False)
    client.data_received(b"one")
    client.data_received(b"two")
    server.connection_made(wire)
    client.data_received(b"three")
    assert wire.said == b"onetwothree"


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
async def test_servers_behind_one_address_take_turns_and_one_that_is_gone_is_passed_over() -> None:
    async def name_itself(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(str(writer.get_extra_info("sockname")[1]).encode())
        writer.close()

    ports = [free_port(), free_port()]
    servers = [await asyncio.start_server(name_itself, HOST, port) for port in ports]
    proxy = Proxy(free_port(), *ports)
    await proxy.open()

    async def asked() -> int:
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        answer = await reader.read()
        writer.close()
        return int(answer)

    assert {await asked(), await asked()} == set(ports)
    servers[0].close()
    assert [await asked(), await asked()] == [ports[1]] * 2
    servers[1].close()
    await proxy.close()


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
