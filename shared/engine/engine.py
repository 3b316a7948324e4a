"""The engine: load, run, and on a stop finish what was taken in.

An error anywhere ends the process: a desk that limps is worse than one that restarts. What was acknowledged is durable.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from shared.broker import BrokerUnavailable
from shared.clock import SECOND, Ms
from shared.engine.health import Health
from shared.engine.retention import Retention
from shared.engine.seat import Seat
from shared.engine.telling import tell_failure
from shared.logs import logger
from shared.service import Loop, Ports, Service
from shared.worker import Step, Worker

DRAIN: Ms = 10 * SECOND
"""For catching up after a stop, and once more for the runs under way to end."""


async def no_step(_name: str) -> None:
    """Nothing happens between the named steps, outside tests."""


class Engine:
    """The services of one process."""

    def __init__(self, ports: Ports, services: Sequence[Service], step: Step = no_step) -> None:
        self.ports = ports
        self.services = services
        self._seats = [
            Seat(ports, consumer, partition, step)
            for service in services
            for consumer in service.consumers
            for partition in range(ports.broker.partitions)
        ]
        self.health = Health(ports, self._seats)
        self.loaded = asyncio.Event()
        self._log = logger("engine")
        self._stopping = False

    @property
    def workers(self) -> list[Worker]:
        return [seat.worker for seat in self._seats]

    async def run(self, stop: asyncio.Event, doors: Sequence[Loop] = (), always: Sequence[Loop] = ()) -> None:
        """Load, run until `stop` is set, drain, save. Raises what ended it early.

        `doors` open when everything is loaded and close before the drain; `always` runs from first to last.
        """
        stopped = asyncio.create_task(stop.wait(), name="stop")
        watching = _begin((Loop("health", self.health.watch), *always))
        loading = asyncio.create_task(self._load(), name="load")
        try:
            await self._until([stopped, loading], watching)
            if not stop.is_set():
                await self._serve(stopped, doors, watching)
        finally:
            self.health.state = "draining"
            stopped.cancel()
            await _cancelled([loading, *watching])

    async def lag(self) -> int:
        """Records of all topics not applied yet, over all workers; -1 where the log does not say."""
        try:
            return sum([await seat.lag() for seat in self._seats])
        except BrokerUnavailable:
            return -1

    async def _load(self) -> None:
        await asyncio.gather(*(seat.load() for seat in self._seats))
        self.health.state = "running"
        self.loaded.set()
        self._log.info("loaded", count=len(self._seats))

    async def _serve(
        self, stopped: "asyncio.Task[Any]", doors: Sequence[Loop], watching: Sequence["asyncio.Task[Any]"]
    ) -> None:
        turning = [asyncio.create_task(self._turn(seat), name=seat.name) for seat in self._seats]
        retention = Loop("retention", Retention(self.ports, self.workers).run)
        beside = _begin((retention, *doors, *(loop for service in self.services for loop in service.loops)))
        try:
            await self._until([stopped], [*turning, *beside, *watching])
        finally:
            self.health.state = "draining"
            self._log.info("stopping", count=await self.lag())
            await _cancelled(beside)
            await self._drain(turning)

    async def _turn(self, seat: Seat) -> None:
        while not self._stopping:
            await seat.advance()

    async def _until(self, ends: Sequence["asyncio.Task[Any]"], lasting: Sequence["asyncio.Task[Any]"]) -> None:
        """Wait for the first of `ends`; what is `lasting` may not end before. Raises what ended any of them."""
        done, _ = await asyncio.wait([*ends, *lasting], return_when=asyncio.FIRST_COMPLETED)
        failures = [(task.get_name(), fault) for task in done if (fault := task.exception()) is not None]
        for name, fault in failures:
            tell_failure(self._log, name, fault)
        if failures:
            raise failures[0][1]
        if over := [task.get_name() for task in done if task in lasting]:
            raise RuntimeError(f"{', '.join(over)} ended by itself")

    async def _drain(self, turning: Sequence["asyncio.Task[Any]"]) -> None:
        """Let the workers apply what is in the logs, then save where each stands. Bounded, whatever stands still."""
        deadline = self.ports.clock.monotonic() + DRAIN
        # Two looks: what one worker publishes while the others are looked at is seen by the second.
        while (await self.lag() or await self.lag()) and not any(task.done() for task in turning):
            if self.ports.clock.monotonic() >= deadline:
                break
            await self.ports.clock.sleep(SECOND // 50)
        self._stopping = True
        await asyncio.wait(turning, timeout=DRAIN / SECOND)
        await _cancelled(turning)
        for seat, task in zip(self._seats, turning, strict=True):
            if not task.cancelled() and task.exception() is None:
                await seat.worker.save_slice(now=True)
        self._log.info("saved", count=await self.lag())


def _begin(loops: Iterable[Loop]) -> list["asyncio.Task[Any]"]:
    return [asyncio.create_task(_run(loop), name=loop.name) for loop in loops]


async def _run(loop: Loop) -> None:
    await loop.run()


async def _cancelled(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """Cancel and wait; each cleans up in its own time."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
