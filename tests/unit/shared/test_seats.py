"""A process that shares the partitions with others: given some, relieved of some, never going on with what it gave up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.broker import Outgoing, Place, Record
from shared.brokers.sqlite import SqliteBroker
from shared.catalogue.topics import COMMANDS, DESK
from shared.emissions import Output
from shared.engine import Engine
from shared.service import Consumer, Ports, Service
from shared.shell import Member, Where
from tests.unit.shared.engine_stage import Copying, Failing, open_ports, say, until

pytestmark = pytest.mark.anyio
COMMANDS_HERE: Where = (COMMANDS.name, 0)
DESK_HERE: Where = (DESK.name, 0)


class Silent(Copying):
    """Reads, and says nothing."""

    def apply(self, record: Record) -> list[Output]:
        self.seen += 1
        return []


class ByHand:
    """A shell whose group is the test."""

    def __init__(self) -> None:
        self.member: Member | None = None
        self.left = False

    async def run(self, member: Member) -> None:
        self.member = member
        try:
            await asyncio.Event().wait()
        finally:
            await member.revoked([COMMANDS_HERE, DESK_HERE])
            self.left = True


def services(everywhere: type[Copying] = Copying, shared: type[Copying] = Copying) -> tuple[Service, ...]:
    return (
        Service(
            "toy",
            (
                Consumer("copier", COMMANDS.name, lambda _partition: shared()),
                Consumer("second", COMMANDS.name, lambda _partition: Silent()),
                Consumer("reader", DESK.name, lambda _partition: everywhere(), everywhere=True),
            ),
        ),
    )


class Stage:
    """One process and its group."""

    def __init__(self, ports: Ports, parts: tuple[Service, ...]) -> None:
        self.shell = ByHand()
        self.engine = Engine(ports, parts, shell=self.shell)
        self.stop = asyncio.Event()

    @property
    def member(self) -> Member:
        assert self.shell.member is not None
        return self.shell.member

    def names(self) -> list[str]:
        return [seat.name for seat in self.engine.seats]


@asynccontextmanager
async def running(ports: Ports, parts: tuple[Service, ...] | None = None) -> AsyncIterator[Stage]:
    stage = Stage(ports, parts or services())
    task = asyncio.create_task(stage.engine.run(stage.stop))
    await until(lambda: stage.shell.member)
    try:
        yield stage
    finally:
        stage.stop.set()
        await task


async def test_a_process_works_only_on_what_it_is_given(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await say(ports, 3)
        assert stage.names() == ["reader/0"]
        assert stage.member.topics == {COMMANDS.name}
        await stage.member.assigned([COMMANDS_HERE])
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 3)
        assert stage.names() == ["reader/0", "copier/0", "second/0"]


async def test_what_everybody_reads_is_no_affair_of_the_group(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([DESK_HERE])
        assert stage.names() == ["reader/0"]
        assert stage.member.position(*DESK_HERE) is None


async def test_being_given_the_same_again_changes_nothing(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        before = stage.engine.workers
        await stage.member.assigned([COMMANDS_HERE])
        assert all(one is other for one, other in zip(stage.engine.workers, before, strict=True))


async def test_who_gives_up_a_partition_has_saved_where_it_stood_and_never_goes_on(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        await say(ports, 3)
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 3)
        copier = stage.engine.workers[1]
        await stage.member.revoked([COMMANDS_HERE])
        saved = await ports.checkpoints.load("copier", 0)
        assert saved is not None
        assert saved.offset == 3
        await say(ports, 2)
        await asyncio.sleep(0.05)
        assert copier.position == 3
        assert stage.names() == ["reader/0"]
        assert stage.member.position(*COMMANDS_HERE) is None


async def test_the_next_owner_goes_on_where_the_last_one_stood(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        async with running(ports) as first:
            await first.member.assigned([COMMANDS_HERE])
            await say(ports, 3)
            await until(lambda: first.member.position(*COMMANDS_HERE) == 3)
        async with running(ports) as second:
            await second.member.assigned([COMMANDS_HERE])
            await say(ports, 2)
            await until(lambda: second.member.position(*COMMANDS_HERE) == 5)
            copier = second.engine.workers[1].fold
            assert isinstance(copier, Copying)
            assert copier.seen == 5
            await until(lambda: second.engine.workers[0].position == 5)


async def test_nobody_can_tell_a_position_before_all_who_read_there_are_loaded(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        assert stage.member.position(*COMMANDS_HERE) is None
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 0)


async def test_a_stop_leaves_the_group_after_everything_is_given_back(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        async with running(ports) as stage:
            await stage.member.assigned([COMMANDS_HERE])
            await until(lambda: stage.member.position(*COMMANDS_HERE) == 0)
        assert stage.shell.left
        assert stage.names() == ["reader/0"]


async def test_a_stop_does_not_wait_for_a_record_that_may_never_come(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        await until(lambda: all(worker.resting for worker in stage.engine.workers))
        leaving = asyncio.create_task(stage.member.revoked([COMMANDS_HERE]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        resting = [worker.name for worker in stage.engine.workers if worker.resting]
        await leaving
        assert resting == ["reader"]


async def test_a_partition_whose_run_hangs_is_given_up_unsaved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.engine.seats.HAND_OVER", 50)

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 0)
        monkeypatch.setattr(ports.broker, "append", hang)
        await say_past(ports)
        await until(lambda: stage.engine.workers[2].position == 1)
        await stage.member.revoked([COMMANDS_HERE])
        assert stage.names() == ["reader/0"]
        assert await ports.checkpoints.load("copier", 0) is None
        monkeypatch.undo()


async def test_a_save_that_hangs_keeps_no_partition_from_its_next_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.engine.seats.HAND_OVER", 50)

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        await say(ports, 3)
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 3)
        monkeypatch.setattr(ports.checkpoints, "save", hang)
        leaving = asyncio.create_task(stage.member.revoked([COMMANDS_HERE]))
        done, _ = await asyncio.wait([leaving], timeout=30)
        monkeypatch.undo()
        assert done, "others wait for a save that never ends"
        assert stage.names() == ["reader/0"]


async def test_the_run_under_way_is_finished_before_a_partition_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing, may = asyncio.Event(), asyncio.Event()

    async def slow(records: Sequence[Outgoing]) -> list[Place]:
        publishing.set()
        await may.wait()
        return await SqliteBroker.append(ports.broker, records)  # type: ignore[arg-type]  # it is one

    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 0)
        monkeypatch.setattr(ports.broker, "append", slow)
        await say_past(ports)
        await publishing.wait()
        leaving = asyncio.create_task(stage.member.revoked([COMMANDS_HERE]))
        await asyncio.sleep(0.05)
        assert not leaving.done()
        may.set()
        await leaving
        assert (await ports.broker.bounds(DESK.name, 0)).next == 1
        saved = await ports.checkpoints.load("copier", 0)
        assert saved is not None
        assert saved.offset == 1
        monkeypatch.undo()


async def test_the_slowest_reader_is_where_the_group_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.engine.seats.HAND_OVER", 50)

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 0)
        monkeypatch.setattr(ports.broker, "append", hang)
        await say_past(ports)
        await until(lambda: stage.engine.workers[2].position == 1)
        assert stage.member.position(*COMMANDS_HERE) == 0
        await stage.member.revoked([COMMANDS_HERE])
        monkeypatch.undo()


async def say_past(ports: Ports) -> None:
    """A command, although the test has the log's door shut for all others."""
    await SqliteBroker.append(ports.broker, [Outgoing(COMMANDS.name, 0, b"desk", b"1")])  # type: ignore[arg-type]  # it is one


async def test_a_failing_seat_ends_the_process(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        stage = Stage(ports, services(shared=Failing))
        task = asyncio.create_task(stage.engine.run(stage.stop))
        await until(lambda: stage.shell.member)
        await stage.member.assigned([COMMANDS_HERE])
        await say(ports, 1)
        with pytest.raises(LookupError):
            await task
        assert stage.shell.left


async def test_a_process_takes_work_when_it_was_given_its_share_even_if_that_is_nothing(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        assert await stage.engine.health.reasons() == ["joining"]
        await stage.member.assigned([])
        assert await stage.engine.health.reasons() == []


async def test_what_is_given_later_is_no_reason_to_send_work_elsewhere(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        assert await stage.engine.health.reasons() == ["joining"]
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 0)
        assert await stage.engine.health.reasons() == []
        await stage.member.revoked([COMMANDS_HERE])
        await stage.member.assigned([COMMANDS_HERE])
        assert await stage.engine.health.reasons() == []


async def test_figures_of_what_was_given_up_are_shown_no_longer(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports, running(ports) as stage:
        await stage.member.assigned([COMMANDS_HERE])
        await say(ports, 1)
        await until(lambda: stage.member.position(*COMMANDS_HERE) == 1)
        assert b'position_records{consumer="copier"' in await ports.metrics.render()
        await stage.member.revoked([COMMANDS_HERE])
        assert b'position_records{consumer="copier"' not in await ports.metrics.render()
        with pytest.raises(KeyError):
            async with ports.turns.hold("copier", 0):
                pass
