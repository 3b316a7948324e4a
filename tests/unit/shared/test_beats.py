"""Those that need not run at once run together: what they write shares one commit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.verbs.embedded import embedded
from services.verbs.parts import whole
from shared.beats import BEAT, MOST, SHARE, Beats
from shared.settings import Settings
from shared.worker import BATCH, Worker
from tests.simulation.drive import drive
from tests.simulation.time import SkewedClock, Time
from tests.simulation.toy import ROLES
from tests.unit.shared.bench_desk import Bench, bench, message


@pytest.fixture
def desk() -> Iterator[Bench]:
    with bench() as made:
        yield made


def beating(desk: Bench, *, beats: bool = True) -> Worker:
    member, role = desk.loaded(), ROLES[0]
    worker = Worker(role.name, role.topic, 0, lambda: role.fold(0), member.worker._ports, beats=beats)
    drive(worker.load(), desk.world.time)
    return worker


def advance(desk: Bench, worker: Worker) -> tuple[int, int]:
    """How many were applied, and how late."""
    before = desk.world.time.now
    applied = drive(worker.advance(0), desk.world.time)
    return applied, desk.world.time.now - before


def test_after_a_silence_nobody_waits_for_the_beat(desk: Bench) -> None:
    worker = beating(desk)
    desk.world.time.now += 10 * BEAT + 3
    desk.post(message("a"))
    assert advance(desk, worker) == (1, 0)


def test_who_has_just_run_goes_on_at_the_next_beat_with_all_that_came(desk: Bench) -> None:
    worker = beating(desk)
    desk.world.time.now += 10 * BEAT - desk.world.time.now % BEAT + 3
    desk.post(message("a"))
    advance(desk, worker)
    desk.post(message("b"))
    desk.post(message("c"))
    assert advance(desk, worker) == (2, BEAT - 3)
    assert desk.world.time.now % BEAT == 0


def test_who_is_behind_does_not_rest(desk: Bench) -> None:
    worker = beating(desk)
    desk.post(*(message(f"m{number}") for number in range(2 * BATCH)))
    assert advance(desk, worker) == (BATCH, 0)
    assert advance(desk, worker) == (BATCH, 0)


def test_who_does_not_beat_never_rests(desk: Bench) -> None:
    worker = beating(desk, beats=False)
    for name in "abc":
        desk.post(message(name))
        assert advance(desk, worker) == (1, 0)


@pytest.mark.parametrize("took", [0, 1, BEAT // SHARE, BEAT, 2 * BEAT, 100 * BEAT])
def test_the_longer_a_run_takes_the_longer_it_rests_up_to_a_limit(took: int) -> None:
    time = Time()
    beats, began = Beats(SkewedClock(time)), time.now
    time.now += took
    beats.ran(began, behind=False)
    drive(beats.rest(), time)
    assert time.now >= began + min(SHARE * took, (MOST - 1) * BEAT)
    assert time.now <= began + max(took, MOST * BEAT)
    assert time.now == began + took or time.now % BEAT == 0


@pytest.mark.anyio
async def test_a_ticket_and_a_breach_are_late_by_one_beat_at_most(tmp_path: Path) -> None:
    """What others wait for comes from router and sla; all else is at the end of its way."""
    async with embedded(Settings(folder=tmp_path, metrics_port=None)) as ports:
        prompt = {one.name for service in whole(ports) for one in service.consumers if not one.beats}
    assert prompt == {"router", "sla"}
