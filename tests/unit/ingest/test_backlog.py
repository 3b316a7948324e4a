import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest

from services.ingest.backlog import MOST_AT_ONCE, MOST_LAG, Backlog, Behind
from shared.catalogue.facts import TimeReached
from shared.clock import SECOND
from tests.unit.ingest.desk import KEY, Doors, HandClock, filled, headers

FORM = f"/in/forms/{KEY}"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def backlog(clock: HandClock) -> Backlog:
    return Backlog(clock)


def is_behind(backlog: Backlog, partition: int = 0) -> bool:
    try:
        backlog.check(partition)
    except Behind:
        return True
    return False


def test_a_desk_that_decides_in_time_takes_messages(backlog: Backlog, clock: HandClock) -> None:
    for offset in range(9):
        backlog.appended(0, offset)
        clock.time += MOST_LAG
        backlog.decided(0, offset)
        assert not is_behind(backlog)


def test_thirty_seconds_behind_it_takes_no_more(backlog: Backlog, clock: HandClock) -> None:
    backlog.appended(0, 0)
    clock.time += MOST_LAG
    assert not is_behind(backlog)
    clock.time += 1
    is_behind(backlog)
    assert is_behind(backlog)


def test_the_oldest_undecided_message_counts_not_the_newest(backlog: Backlog, clock: HandClock) -> None:
    backlog.appended(0, 0)
    clock.time += MOST_LAG
    backlog.appended(0, 1)
    clock.time += 1
    is_behind(backlog)
    assert is_behind(backlog)


def test_what_came_meanwhile_is_as_old_as_it_is_once_the_oldest_is_decided(backlog: Backlog, clock: HandClock) -> None:
    for offset in range(60):
        backlog.appended(0, offset)
        clock.time += SECOND
    backlog.decided(0, 28)
    is_behind(backlog)
    assert is_behind(backlog)
    backlog.decided(0, 29)
    assert not is_behind(backlog)


def test_one_a_second_still_asks_whether_the_desk_is_back(backlog: Backlog, clock: HandClock) -> None:
    backlog.appended(0, 0)
    clock.time += MOST_LAG + 1
    seen = []
    for _ in range(6):
        seen.append(is_behind(backlog))
        clock.time += 500
    assert seen == [False, True, False, True, False, True]


def test_facts_of_anything_later_end_it(backlog: Backlog, clock: HandClock) -> None:
    backlog.appended(0, 3)
    clock.time += MOST_LAG + 1
    backlog.decided(0, 7)
    assert not is_behind(backlog)
    assert not is_behind(backlog)


def test_facts_of_something_earlier_do_not(backlog: Backlog, clock: HandClock) -> None:
    backlog.appended(0, 3)
    backlog.decided(0, 2)
    clock.time += MOST_LAG + 1
    is_behind(backlog)
    assert is_behind(backlog)


def test_facts_that_came_before_the_acknowledgement_are_not_waited_for(backlog: Backlog, clock: HandClock) -> None:
    backlog.decided(0, 3)
    backlog.appended(0, 3)
    clock.time += MOST_LAG + 1
    assert not is_behind(backlog)
    assert not is_behind(backlog)


def test_one_partition_behind_stops_no_other(backlog: Backlog, clock: HandClock) -> None:
    backlog.appended(0, 0)
    clock.time += MOST_LAG + 1
    is_behind(backlog)
    assert is_behind(backlog)
    assert not is_behind(backlog, 1)


def test_when_many_are_under_way_into_the_log_others_are_to_come_later(backlog: Backlog) -> None:
    with ExitStack() as under_way:
        for _ in range(MOST_AT_ONCE - 1):
            under_way.enter_context(backlog.taking(0))
        assert not is_behind(backlog)
        with backlog.taking(0):
            assert is_behind(backlog)
            assert not is_behind(backlog, 1)
        assert not is_behind(backlog)


@pytest.mark.anyio
async def test_of_many_at_once_some_are_told_to_try_again_and_all_others_are_in_the_log(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ingest.backlog.MOST_AT_ONCE", 3)
    messages = [filled(message=f"Where is my card, number {number}?") for number in range(40)]
    posts = [doors.client.post(FORM, json=one, headers=headers()) for one in messages]
    statuses = [answer.status_code for answer in await asyncio.gather(*posts)]
    assert set(statuses) == {202, 503}
    assert len(await doors.received()) == statuses.count(202)
    assert (await doors.client.post(FORM, json=filled(), headers=headers())).status_code == 202


@pytest.mark.anyio
async def test_a_form_is_told_to_try_again_and_taken_when_the_desk_is_back(doors: Doors) -> None:
    async def post() -> int:
        answer = await doors.client.post(FORM, json=filled(), headers=headers())
        assert answer.status_code == 202 or int(answer.headers["retry-after"]) > 0
        return int(answer.status_code)

    assert await post() == 202
    doors.clock.time += MOST_LAG + 1
    assert [await post(), await post()] == [202, 503]
    await doors.tell(TimeReached(desk="support", due=0), position=9)
    await doors.settle()
    assert [await post(), await post()] == [202, 202]


@pytest.mark.anyio
async def test_a_rebuild_of_the_view_makes_nobody_wait(doors: Doors, tmp_path: Path) -> None:
    await doors.client.post(FORM, json=filled(), headers=headers())
    await doors.tell(TimeReached(desk="support", due=0), position=5)
    await doors.settle()
    await doors.load()
    doors.clock.time += MOST_LAG + 1
    for _ in range(2):
        assert (await doors.client.post(FORM, json=filled(), headers=headers())).status_code == 202
