"""Two coroutines as Faust's consumer awaits them: giving a record to its streams, and the end of its partitions."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mode.services import Service

from shared.shells.faust_haste import IDLE, hasty

pytestmark = pytest.mark.anyio


class Partitions(Service):
    """What a consumer of Faust's knows of its partitions."""

    def __init__(self) -> None:
        super().__init__()
        self._active, self._paused_partitions, self._buffered_partitions = set[str](), set[str](), set[str]()

    def _get_active_partitions(self) -> set[str]:
        return self._active


@pytest.fixture
async def consumer() -> AsyncIterator[Any]:
    made = hasty(Partitions)()
    await made.start()
    yield made
    await made.stop()


class Queue:
    """A stream's: what is put there waits while it is full."""

    def __init__(self) -> None:
        self.room, self.there, self.left = asyncio.Event(), list[int](), list[int]()

    async def put(self, number: int) -> int:
        try:
            await self.room.wait()
        except asyncio.CancelledError:
            self.left.append(number)
            raise
        self.there.append(number)
        return number


@pytest.fixture
async def queue() -> Queue:
    return Queue()


async def test_a_record_for_which_there_is_room_is_given_without_a_turn_of_the_loop(
    consumer: Any, queue: Queue
) -> None:
    queue.room.set()
    turns: list[int] = []
    asyncio.get_running_loop().call_soon(turns.append, 1)
    given = await consumer.wait_first(queue.put(1), asyncio.Event().wait())
    assert (queue.there, given.results, turns) == ([1], [1], [])


async def test_a_full_queue_is_waited_for(consumer: Any, queue: Queue) -> None:
    giving = asyncio.create_task(consumer.wait_first(queue.put(1), asyncio.Event().wait()))
    await asyncio.sleep(0.01)
    assert not giving.done()
    queue.room.set()
    assert (await giving).results == [1]
    assert queue.there == [1]


async def test_a_record_is_left_when_partitions_change_hands_while_its_queue_is_full(
    consumer: Any, queue: Queue
) -> None:
    suspended = asyncio.Event()
    giving = asyncio.create_task(consumer.wait_first(queue.put(1), suspended.wait()))
    await asyncio.sleep(0.01)
    suspended.set()
    await giving
    await asyncio.sleep(0.01)
    assert (queue.there, queue.left) == ([], [1])


async def test_who_is_cancelled_leaves_the_record(consumer: Any, queue: Queue) -> None:
    giving = asyncio.create_task(consumer.wait_first(queue.put(1), asyncio.Event().wait()))
    await asyncio.sleep(0.01)
    giving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving
    await asyncio.sleep(0.01)
    assert queue.left == [1]


@pytest.mark.parametrize("late", [False, True])
async def test_what_goes_wrong_is_raised(consumer: Any, queue: Queue, late: bool) -> None:
    async def fail() -> None:
        if late:
            await asyncio.sleep(0.01)
        raise LookupError

    with pytest.raises(LookupError):
        await consumer.wait_first(fail(), asyncio.Event().wait())


async def test_all_else_waits_as_before(consumer: Any) -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, event.set)
    assert not (await consumer.wait_first(event)).stopped
    assert (await consumer.wait_first(asyncio.Event(), timeout=0.01)).results == []


@pytest.mark.parametrize("why", ["_paused_partitions", "_buffered_partitions"])
async def test_who_has_no_room_goes_on_as_soon_as_there_is_some(consumer: Any, why: str) -> None:
    getattr(consumer, why).add("commands")
    loop = asyncio.get_running_loop()
    loop.call_later(0.02, consumer._active.add, "commands")
    began = loop.time()
    await consumer.sleep(IDLE)
    assert 0.02 <= loop.time() - began < IDLE


async def test_who_is_stopped_waits_for_no_room(consumer: Any) -> None:
    consumer._paused_partitions.add("commands")
    sleeping = asyncio.create_task(consumer.sleep(IDLE))
    await asyncio.sleep(0.01)
    await consumer.stop()
    done, _ = await asyncio.wait([sleeping], timeout=IDLE / 2)
    assert done == {sleeping}


async def test_who_has_no_partition_asks_no_more_often_than_before(consumer: Any) -> None:
    sleeping = asyncio.create_task(consumer.sleep(IDLE))
    await asyncio.sleep(0.01)
    consumer._active.add("commands")
    await asyncio.sleep(0.02)
    assert not sleeping.done()
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
