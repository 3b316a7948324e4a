"""Strikes that are planned: who dies where, and how a process stands still."""

import asyncio
import random
from pathlib import Path

import pytest

from shared.brokers.kafka import KafkaBroker
from shared.engine import no_step
from tests.faults.house import ROSTER, House
from tests.faults.member import Member
from tests.faults.nemesis.deaths import IN_A_ROW, TOGETHER, plan_rows
from tests.faults.points import ANYWHERE, POINTS
from tests.faults.silence import SHELL, WORKER, fall_silent

OTHERS = ["router", "sla", "survey", "projector", "http"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Nothing runs in it; those numbered 0 have the desk's partition."""
    house = House(tmp_path, 1, "faust")
    for name in ROSTER:
        member = house.members[name] = Member(name, tmp_path, {})
        member.wanted, member.holds = True, name.endswith("0")
    return house


def points_of(rows: dict[str, list[str]]) -> list[str]:
    return [death.rpartition(":")[0] for row in rows.values() for death in row]


@pytest.mark.parametrize("seed", range(5))
def test_some_processes_die_several_times_where_they_pass(house: House, seed: int) -> None:
    rows = plan_rows(house, random.Random(seed), OTHERS)
    assert len(rows) == TOGETHER
    assert max(len(row) for row in rows.values()) == IN_A_ROW
    for name, row in rows.items():
        member = house.members[name]
        for point in points_of({name: row}):
            assert member.kind in POINTS[point].services
            assert member.holds or point in ANYWHERE or member.kind == "http"


def test_where_anybody_died_least_comes_first(house: House) -> None:
    for point in POINTS:
        house.journal.points[point, "router"] = 5
    house.journal.points["delivery sent", "router"] = 0
    assert "delivery sent" in points_of(plan_rows(house, random.Random(1), ["ingest"]))


def test_a_service_nobody_was_seen_to_hold_is_struck_all_the_same(house: House) -> None:
    for member in house.members.values():
        member.holds = False
    assert plan_rows(house, random.Random(1), ["router"])


def test_who_is_to_die_at_certain_points_dies_nowhere_else(house: House) -> None:
    house.points = {"write durable": POINTS["write durable"]}
    assert plan_rows(house, random.Random(1), ["ingest"]) == {}
    assert points_of(plan_rows(house, random.Random(1), OTHERS)) == ["write durable"]


@pytest.mark.anyio
async def test_a_worker_told_to_stand_still_does_so_at_its_first_run_and_notes_when(tmp_path: Path) -> None:
    note = tmp_path / "silent"
    step = fall_silent(f"{WORKER}:{note}", no_step)
    await step("saving")
    assert not note.exists()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(step("applied"), 0.05)
    assert int(note.read_text()) > 0


def test_a_shell_told_to_stand_still_brings_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KafkaBroker, "take", KafkaBroker.take)  # put back afterwards what is replaced now
    note = tmp_path / "silent"
    assert fall_silent(f"{SHELL}:{note}", no_step) is no_step
    KafkaBroker.take(None, [])  # type: ignore[arg-type]  # it looks at nothing any more
    assert note.exists()
