"""The engine loads, runs, stops without losing anything, and says how it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.broker import BrokerUnavailable, Record
from shared.catalogue.topics import COMMANDS, DESK
from shared.clock import DAY
from shared.engine import Engine
from shared.engine.health import ENOUGH, STALLED, Stalled
from shared.engine.retention import Retention
from shared.engine.seat import LONGEST
from shared.service import Loop, Ports, Service
from shared.worker import Worker
from tests.unit.shared.engine_stage import Copying, Failing, FrozenClock, cancelled, copying, open_ports, say, until

pytestmark = pytest.mark.anyio
NOW = 1_800_000_000_000


async def run_until_applied(engine: Engine, ports: Ports, count: int) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(stop))
    await until(lambda: engine.workers and engine.workers[0].position >= count)
    stop.set()
    await running


async def test_a_stop_finishes_everything_that_was_taken_in(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        engine, stop = Engine(ports, copying()), asyncio.Event()
        running = asyncio.create_task(engine.run(stop))
        await engine.loaded.wait()
        await say(ports, 2_000)
        stop.set()
        await running
        assert (await ports.broker.bounds(DESK.name, 0)).next == 2_000
        assert [worker.position for worker in engine.workers] == [2_000, 2_000]


async def test_a_stop_saves_so_that_the_next_start_reads_nothing_again(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        await say(ports, 30)
        await run_until_applied(Engine(ports, copying()), ports, 30)
        fresh: list[Record] = []
        again = Engine(ports, copying(watch=fresh.extend))
        stop = asyncio.Event()
        running = asyncio.create_task(again.run(stop))
        await again.loaded.wait()
        assert [worker.position for worker in again.workers] == [30, 30]
        assert [worker.saved_position for worker in again.workers] == [30, 30]
        fold = again.workers[0].fold
        assert isinstance(fold, Copying)
        assert fold.seen == 30
        stop.set()
        await running
        assert fresh == []


async def test_doors_close_before_the_drain_and_what_always_runs_outlives_it(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        order: list[str] = []

        def lasting(name: str) -> Loop:
            async def run() -> None:
                try:
                    await asyncio.Event().wait()
                finally:
                    lag = engine.lag()
                    order.append(f"{name} ends with {lag} to do, {engine.health.state}")

            return Loop(name, run)

        engine, stop = Engine(ports, copying()), asyncio.Event()
        running = asyncio.create_task(engine.run(stop, [lasting("door")], [lasting("operators")]))
        await engine.loaded.wait()
        await asyncio.sleep(0)
        await say(ports, 500)
        stop.set()
        await running
        assert order[0].startswith("door ends with")
        assert order[1] == "operators ends with 0 to do, draining"


async def test_a_stop_while_loading_ends_without_opening_the_doors(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        opened: list[str] = []

        async def open_door() -> None:
            opened.append("door")

        engine, stop = Engine(ports, copying()), asyncio.Event()
        stop.set()
        await asyncio.wait_for(engine.run(stop, [Loop("door", open_door)]), 10)
        assert opened == []


async def test_a_loop_that_fails_ends_the_engine_after_the_others_are_drained(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:

        async def fail() -> None:
            await say(ports, 40)
            raise OSError("no more room")

        engine = Engine(ports, copying(lambda _partition: Copying(), Loop("sender", fail)))
        with pytest.raises(OSError, match="no more room"):
            await engine.run(asyncio.Event())
        assert (await ports.broker.bounds(DESK.name, 0)).next == 40


async def test_a_loop_that_simply_ends_is_a_failure_too(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:

        async def end() -> None:
            return

        with pytest.raises(RuntimeError, match="sender ended by itself"):
            await Engine(ports, copying(lambda _partition: Copying(), Loop("sender", end))).run(asyncio.Event())


async def test_a_failure_is_told_without_the_words_it_quotes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_ports(tmp_path) as ports:
        await say(ports, 1)
        with pytest.raises(LookupError):
            await Engine(ports, copying(lambda _partition: Failing())).run(asyncio.Event())
    told = capsys.readouterr()
    assert "LookupError" in told.err + told.out
    assert "4111" not in told.err + told.out


async def test_a_failed_consumer_saves_nothing_but_the_others_do(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        await say(ports, 3)
        engine = Engine(ports, copying(lambda _partition: Failing()))
        with pytest.raises(LookupError):
            await engine.run(asyncio.Event())
        assert await ports.checkpoints.load("copier", 0) is None
        assert await ports.checkpoints.load("follower", 0) is not None


async def test_a_consumer_that_hangs_does_not_keep_the_process_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(worker: Worker) -> int:
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr("shared.engine.engine.DRAIN", 100)
    monkeypatch.setattr(Worker, "advance", hang)
    async with open_ports(tmp_path) as ports:
        await say(ports, 1)
        engine, stop = Engine(ports, copying()), asyncio.Event()
        running = asyncio.create_task(engine.run(stop))
        await engine.loaded.wait()
        stop.set()
        await asyncio.wait_for(running, 20)
        assert engine.workers[0].position == 0


async def test_a_log_that_does_not_answer_does_not_keep_the_process_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise BrokerUnavailable

    monkeypatch.setattr("shared.engine.engine.DRAIN", 200)
    async with open_ports(tmp_path) as ports:
        engine, stop = Engine(ports, copying()), asyncio.Event()
        running = asyncio.create_task(engine.run(stop))
        await engine.loaded.wait()
        for name in ("append", "read", "wait", "bounds"):
            monkeypatch.setattr(ports.broker, name, refuse)
        monkeypatch.setattr(ports.broker, "end", lambda *_: None)
        stop.set()
        await asyncio.wait_for(running, 20)
        assert engine.lag() == -1


async def test_starting_running_and_draining_are_reasons_or_none(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        engine, stop = Engine(ports, copying()), asyncio.Event()
        assert await engine.health.reasons() == ["starting"]
        running = asyncio.create_task(engine.run(stop))
        await engine.loaded.wait()
        assert await engine.health.reasons() == []
        stop.set()
        await running
        assert await engine.health.reasons() == ["draining"]


async def test_who_is_far_behind_and_who_does_not_answer_is_named(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    async with open_ports(tmp_path, clock) as ports:
        engine = Engine(ports, copying())
        await engine.seats.load()
        engine.health.state = "running"
        await say(ports, 1)
        async with cancelled(asyncio.create_task(engine.health.watch())):
            await asyncio.sleep(0.05)
            clock.time += 31_000
            await until(lambda: any(seat.progress.age for seat in engine.seats))
            assert "behind: copier/0" in await engine.health.reasons()
        await ports.documents.close()
        assert "no answer: documents" in await engine.health.reasons()


async def test_a_consumer_with_nothing_to_do_never_stands_still(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    async with open_ports(tmp_path, clock) as ports:
        engine = Engine(ports, copying())
        await engine.seats.load()
        engine.health.state = "running"
        async with cancelled(asyncio.create_task(engine.health.watch())):
            await clock.go_on(3 * STALLED)
            assert engine.health.stalled() == []


async def test_a_consumer_that_stands_still_is_named_and_then_ends_the_process(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    async with open_ports(tmp_path, clock) as ports:
        engine = Engine(ports, copying())
        await engine.seats.load()
        engine.health.state = "running"
        await say(ports, 1)
        watching = asyncio.create_task(engine.health.watch())
        await clock.go_on(STALLED + 1_000)
        assert engine.health.stalled() == ["copier/0"]
        assert not watching.done()
        await clock.go_on(ENOUGH - STALLED)
        await until(watching.done)
        with pytest.raises(Stalled, match="copier/0"):
            await watching


async def test_waiting_for_a_store_is_no_standstill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FrozenClock(NOW)
    async with open_ports(tmp_path, clock) as ports:
        engine = Engine(ports, copying())
        engine.health.state, worker = "running", engine.workers[0]
        await worker.load()
        await say(ports, 1)

        async def refuse(*_: object) -> None:
            raise BrokerUnavailable

        monkeypatch.setattr(ports.broker, "append", refuse)
        async with (
            cancelled(asyncio.create_task(engine.health.watch())),
            cancelled(asyncio.create_task(worker.advance())),  # type: ignore[arg-type]  # whatever it gives
        ):
            await clock.go_on(3 * STALLED)
            assert engine.health.stalled() == []


@dataclass
class Watched:
    """An engine with something to do, watched; its first worker does what the test says."""

    ports: Ports
    clock: FrozenClock
    engine: Engine
    watching: "asyncio.Task[None]"

    async def ends(self) -> str:
        """Time goes on until the process would end: after whose standstill."""
        for _ in range(300):
            await self.clock.go_on(1_000)
            if self.watching.done():
                break
        return str(self.watching.exception())


@asynccontextmanager
async def watched(folder: Path, *, loaded: bool = True) -> AsyncIterator[Watched]:
    clock = FrozenClock(NOW)
    async with open_ports(folder, clock) as ports:
        engine = Engine(ports, copying())
        if loaded:
            await engine.seats.load()
        await say(ports, 1)
        engine.health.state = "running"
        watching = asyncio.create_task(engine.health.watch())
        with suppress(Stalled):  # it was looked at already
            async with cancelled(watching):
                yield Watched(ports, clock, engine, watching)


async def test_records_nobody_brings_although_the_log_has_them_are_a_standstill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise BrokerUnavailable

    async with watched(tmp_path) as stage:
        monkeypatch.setattr(stage.ports.broker, "read", refuse)
        async with cancelled(asyncio.create_task(repeat(stage.engine.workers[0].advance))):
            began = stage.clock.time
            assert await stage.ends() == "copier/0"
            assert stage.clock.time - began <= 30_000


async def test_a_log_whose_end_nobody_can_tell_is_no_standstill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(tmp_path) as stage:
        monkeypatch.setattr(stage.ports.broker, "end", lambda *_: None)
        await stage.clock.go_on(10 * ENOUGH)
        assert stage.engine.health.stalled() == []
        assert not stage.watching.done()


async def test_a_process_that_was_frozen_as_a_whole_has_not_stood_still(tmp_path: Path) -> None:
    async with watched(tmp_path) as stage:
        await stage.clock.go_on(3_000)
        stage.clock.time += 10 * ENOUGH
        await asyncio.sleep(0.05)
        assert stage.engine.health.stalled() == []
        assert not stage.watching.done()


@pytest.mark.parametrize("store", ["append", "topic_id"])
async def test_a_store_that_neither_takes_nor_refuses_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    async with watched(tmp_path, loaded=store == "append") as stage:
        monkeypatch.setattr(stage.ports.broker, store, hang)
        (seat, _) = stage.engine.seats
        async with cancelled(asyncio.create_task(seat.work())):
            await stage.clock.go_on(LONGEST - 5_000)
            assert "copier/0" not in stage.engine.health.stalled()
            assert "copier/0" in await stage.ends()


async def repeat(work: Callable[[], Awaitable[object]]) -> None:
    while True:
        await work()


async def test_the_log_forgets_text_after_two_weeks_and_facts_never(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    async with open_ports(tmp_path, clock) as ports:
        engine = Engine(ports, copying())
        await say(ports, 5)
        await run_until_applied(engine, ports, 5)
        clock.time += 15 * DAY
        await say(ports, 1)
        assert await Retention(ports, engine.seats).trim() == 5
        assert (await ports.broker.bounds(COMMANDS.name, 0)).first == 5
        assert (await ports.broker.bounds(DESK.name, 0)).first == 0


async def test_what_somebody_still_needs_to_begin_again_is_kept(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    async with open_ports(tmp_path, clock) as ports:
        engine = Engine(ports, copying())
        await say(ports, 5)
        clock.time += 15 * DAY
        assert [worker.saved_position for worker in engine.workers] == [0, 0]
        assert await Retention(ports, engine.seats).trim() == 0
        assert (await ports.broker.bounds(COMMANDS.name, 0)).first == 0


async def test_a_start_on_a_trimmed_log_is_not_taken_for_one_that_lost_its_place(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    async with open_ports(tmp_path, clock) as ports:
        await say(ports, 5)
        await run_until_applied(Engine(ports, copying()), ports, 5)
        clock.time += 15 * DAY
        await ports.broker.trim(COMMANDS.name, 0, clock.time)
        await say(ports, 1)
        engine = Engine(ports, copying())
        async with cancelled(asyncio.create_task(engine.health.watch())) as _:
            await asyncio.sleep(0.05)
            assert engine.health.stalled() == []


async def test_after_trimming_a_start_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    async with open_ports(tmp_path, clock) as ports:
        engine = Engine(ports, copying())
        await say(ports, 5)
        await run_until_applied(engine, ports, 5)
        clock.time += 15 * DAY
        await Retention(ports, engine.seats).trim()
        await say(ports, 2)
        again = Engine(ports, copying())
        await run_until_applied(again, ports, 7)
        assert (await ports.broker.bounds(DESK.name, 0)).next == 7


async def test_while_somebody_holds_a_workers_turn_it_does_not_go_on(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        engine, stop = Engine(ports, copying()), asyncio.Event()
        running = asyncio.create_task(engine.run(stop))
        await engine.loaded.wait()
        async with ports.turns.hold("copier", 0) as writer:
            await say(ports, 10)
            await asyncio.sleep(0.05)
            assert writer.position == 0
        await until(lambda: engine.workers[0].position == 10)
        stop.set()
        await running


async def test_a_turn_nobody_has_cannot_be_held(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        with pytest.raises(KeyError):
            async with ports.turns.hold("copier", 0):
                pass


async def test_an_engine_without_consumers_serves_and_stops(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        engine, stop = Engine(ports, [Service("nothing")]), asyncio.Event()
        running = asyncio.create_task(engine.run(stop))
        await engine.loaded.wait()
        stop.set()
        await running
        assert engine.health.state == "draining"
