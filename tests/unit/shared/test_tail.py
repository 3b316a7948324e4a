"""The newest records in memory: served under their own offsets, or not at all."""

import asyncio

import pytest

from shared.broker import Bounds, Record
from shared.brokers.tail import Tail, Tails


def records(*offsets: int) -> list[Record]:
    return [Record("facts", 0, offset, 1, b"", b"%d" % offset) for offset in offsets]


def extend(tail: Tail, *offsets: int) -> None:
    tail.extend(records(*offsets), [1] * len(offsets))


def offsets(found: list[Record] | None) -> list[int] | None:
    return None if found is None else [record.offset for record in found]


def test_what_is_held_is_served_from_any_offset() -> None:
    tail = Tail(0, 0)
    extend(tail, 0, 1, 2)
    extend(tail, 3)
    assert offsets(tail.read(1, 2, 1 << 20)) == [1, 2]
    assert tail.read(4, 2, 1 << 20) == []


def test_what_lies_beyond_a_hole_is_served_under_its_own_offsets() -> None:
    tail = Tail(0, 0)
    extend(tail, 0, 1, 2)
    extend(tail, 5, 6)
    assert offsets(tail.read(5, 9, 1 << 20)) == [5, 6]
    for start in range(5):
        assert tail.read(start, 9, 1 << 20) is None  # the log has it


def test_the_budget_counts_what_is_forgotten() -> None:
    tails = Tails()
    tails.extend("facts", 0, records(0, 1, 2, 3), [1] * 4)
    tails.of("facts", 0).halve()
    assert tails.of("facts", 0).read(1, 9, 1 << 20) is None
    assert offsets(tails.of("facts", 0).read(2, 9, 1 << 20)) == [2, 3]
    tails.restart("facts", 0, Bounds(7, 9))
    assert tails.of("facts", 0).read(8, 9, 1 << 20) is None
    assert (tails.of("facts", 0).size, tails.of("facts", 0).bounds()) == (0, Bounds(7, 9))


@pytest.mark.anyio
async def test_whoever_waits_is_woken_by_what_came_or_by_a_new_beginning_behind_it() -> None:
    tails = Tails()
    tail = tails.of("facts", 0)
    waiting = {start: asyncio.get_running_loop().create_future() for start in (0, 1, 5)}
    tail.waiting = {future: start for start, future in waiting.items()}
    extend(tail, 0)
    assert [start for start, future in waiting.items() if future.done()] == [0]
    tails.restart("facts", 0, Bounds(4, 5))
    assert [start for start, future in waiting.items() if future.done()] == [0, 1]
