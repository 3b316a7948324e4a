"""Who works in this process now: on every partition, or on those a shell says are ours."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from shared.clock import SECOND, Ms
from shared.engine.seat import Seat
from shared.engine.telling import tell_failure
from shared.logs import logger
from shared.service import Consumer, Ports
from shared.shell import Where
from shared.worker import Step

HAND_OVER: Ms = 3 * SECOND
"""A group waits for its slowest member, so nobody takes longer to let go."""
ROUND: Ms = SECOND // 100


class Seats:
    """The seats there are. `shared` consumers are seated where a shell says (see `shared.shell.Member`), all others on
    every partition from the beginning."""

    def __init__(self, ports: Ports, everywhere: Sequence[Consumer], shared: Sequence[Consumer], step: Step) -> None:
        self._ports, self._shared, self._step = ports, shared, step
        self._fixed = [
            Seat(ports, consumer, partition, step)
            for consumer in everywhere
            for partition in range(ports.broker.partitions)
        ]
        self._assigned: dict[Where, list[Seat]] = {}
        self._working: dict[Seat, asyncio.Task[None]] = {}
        self._joined, self._settled = not shared, False
        self._failed = asyncio.Event()
        self._faults: list[BaseException] = []
        self._log = logger("engine")

    def __iter__(self) -> Iterator[Seat]:
        yield from self._fixed
        for seats in list(self._assigned.values()):
            yield from seats

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(consumer.topic for consumer in self._shared)

    @property
    def failing(self) -> bool:
        """Whether one of them has failed."""
        return self._failed.is_set()

    @property
    def settled(self) -> bool:
        """Whether it was given its share, and loaded it, once: what is given later is no reason to send work elsewhere."""
        self._settled = self._settled or (self._joined and all(seat.loaded for seat in self))
        return self._settled

    async def load(self) -> int:
        """Load those that are there from the beginning; returns how many."""
        await asyncio.gather(*(seat.load() for seat in self._fixed))
        return len(self._fixed)

    def begin(self) -> None:
        """Have those work that are there from the beginning."""
        for seat in self._fixed:
            self._begin(seat)

    async def watch(self) -> None:
        """Wait for ever. Raises what one of them failed by, after it was told."""
        await self._failed.wait()
        raise self._faults[0]

    async def assigned(self, places: Collection[Where]) -> None:
        self._joined = True
        for where in places:
            if where not in self._assigned:
                topic, partition = where
                mine = [consumer for consumer in self._shared if consumer.topic == topic]
                self._assigned[where] = [Seat(self._ports, consumer, partition, self._step) for consumer in mine]
                for seat in self._assigned[where]:
                    self._begin(seat)

    async def revoked(self, places: Collection[Where]) -> None:
        leaving = [seat for where in places for seat in self._assigned.get(where, ())]
        with suppress(TimeoutError):
            async with asyncio.timeout(HAND_OVER / SECOND):
                await self._leave(leaving, HAND_OVER)
        for seat in leaving:
            seat.close()
        for where in places:
            self._assigned.pop(where, None)

    def position(self, topic: str, partition: int) -> int | None:
        seats = self._assigned.get((topic, partition), ())
        if not seats or not all(seat.loaded for seat in seats):
            return None
        return min(seat.worker.position for seat in seats)

    async def leave(self, patience: Ms) -> None:
        """Have all of them end their runs and save. Who is not done in time is cut short, and saves nothing."""
        await self._leave(list(self), patience)

    async def _leave(self, seats: Sequence[Seat], patience: Ms) -> None:
        tasks = {seat: self._working.pop(seat) for seat in seats if seat in self._working}
        for seat in tasks:
            seat.leaving = True
        try:
            rested = await _rested(tasks, patience)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        for seat, task in tasks.items():
            ended = seat in rested if task.cancelled() else task.exception() is None
            if ended and seat.loaded:
                await seat.worker.save_slice(now=True)

    def _begin(self, seat: Seat) -> None:
        task = self._working[seat] = asyncio.create_task(seat.work(), name=seat.name)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (fault := task.exception()) is not None:
            tell_failure(self._log, task.get_name(), fault)
            self._faults.append(fault)
            self._failed.set()


async def _rested(tasks: dict[Seat, "asyncio.Task[None]"], patience: Ms) -> set[Seat]:
    """Wait for the runs under way. Returns those that were found idle: nobody waits for a record that may never come."""
    rested: set[Seat] = set()
    for _ in range(patience // ROUND + 1):
        for seat, task in tasks.items():
            if seat.worker.resting and not task.done():
                task.cancel()
                rested.add(seat)
        working = [task for task in tasks.values() if not task.done()]
        if not working:
            break
        await asyncio.wait(working, timeout=ROUND / SECOND)
    return rested
