"""The engine: load, run, and on a stop finish what was taken in.

An error anywhere ends the process: a desk that limps is worse than one that restarts. What was acknowledged is durable.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shared.clock import SECOND, Ms
from shared.engine.health import Health
from shared.engine.retention import Retention
from shared.engine.seats import Seats
from shared.engine.telling import tell_failure
from shared.logs import logger
from shared.service import Loop, Ports, Service
from shared.shell import Shell
from shared.worker import Step, Worker

DRAIN: Ms = 10 * SECOND
"""For catching up after a stop, and once more for the runs under way to end."""
SEATS = "seats"


async def no_step(_name: str) -> None:
    """Nothing happens between the named steps, outside tests."""


class Engine:
    """The services of one process. Without a `shell` all partitions are its own."""

    def __init__(
        self, ports: Ports, services: Sequence[Service], step: Step = no_step, shell: Shell | None = None
    ) -> None:
        self.ports, self.services, self._shell = ports, services, shell
        consumers = [consumer for service in services for consumer in service.consumers]
        everywhere = [consumer for consumer in consumers if shell is None or consumer.everywhere]
        self.seats = Seats(ports, everywhere, [one for one in consumers if one not in everywhere], step)
        self.health = Health(ports, self.seats, lambda: self.seats.settled)
        ports.metrics.consumers.partitions.one().set(ports.broker.partitions)
        self.loaded = asyncio.Event()
        self._log = logger("engine")

    @property
    def workers(self) -> list[Worker]:
        """Those there are now."""
        return [seat.worker for seat in self.seats]

    async def run(self, stop: asyncio.Event, doors: Sequence[Loop] = (), always: Sequence[Loop] = ()) -> None:
        """Load, run until `stop` is set, drain, save. Raises what ended it early.

        `doors` open when everything is loaded and close before the drain; `always` runs from first to last.
        """
        stopped = asyncio.create_task(stop.wait(), name="stop")
        watching = _begin((Loop("health", self.health.watch), Loop(SEATS, self.seats.watch), *always))
        loading = asyncio.create_task(self._load(), name="load")
        try:
            await self._until([stopped, loading], watching)
            if not stop.is_set():
                await self._serve(stopped, doors, watching)
        finally:
            self.health.state = "draining"
            stopped.cancel()
            await _cancelled([loading, *watching])

    def lag(self) -> int:
        """Records of all topics not applied yet, over all workers; -1 where the log does not say."""
        lags = [seat.lag() for seat in self.seats]
        return -1 if None in lags else sum(lag or 0 for lag in lags)

    async def _load(self) -> None:
        count = await self.seats.load()
        self.health.state = "running"
        self.loaded.set()
        self._log.info("loaded", count=count)

    async def _serve(
        self, stopped: "asyncio.Task[Any]", doors: Sequence[Loop], watching: Sequence["asyncio.Task[Any]"]
    ) -> None:
        self.seats.begin()
        sharing = _begin(self._sharing())
        beside = _begin((*doors, *(loop for service in self.services for loop in service.loops)))
        try:
            await self._until([stopped], [*sharing, *beside, *watching])
        finally:
            self.health.state = "draining"
            self._log.info("stopping", count=self.lag())
            await _cancelled(beside)
            if self._shell is None:
                await self._catch_up()
            # a member gives back what it has, and saves it, before it leaves
            await _cancelled(sharing)
            await self.seats.leave(DRAIN)
            self._log.info("saved", count=self.lag())

    def _sharing(self) -> Iterator[Loop]:
        """Who owns all partitions forgets what is old; others leave that to the log, and share the partitions out."""
        if self._shell is None:
            yield Loop("retention", Retention(self.ports, self.seats).run)
        elif self.seats.topics:
            shell = self._shell
            yield Loop("shell", lambda: shell.run(self.seats))

    async def _until(self, ends: Sequence["asyncio.Task[Any]"], lasting: Sequence["asyncio.Task[Any]"]) -> None:
        """Wait for the first of `ends`; what is `lasting` may not end before. Raises what ended any of them."""
        done, _ = await asyncio.wait([*ends, *lasting], return_when=asyncio.FIRST_COMPLETED)
        failures = [(task.get_name(), fault) for task in done if (fault := task.exception()) is not None]
        for name, fault in failures:
            if name != SEATS:  # each seat has told under its own name
                tell_failure(self._log, name, fault)
        if failures:
            raise failures[0][1]
        if over := [task.get_name() for task in done if task in lasting]:
            raise RuntimeError(f"{', '.join(over)} ended by itself")

    async def _catch_up(self) -> None:
        """Let the workers apply what is in the logs: nobody else would, until the next start. Bounded."""
        deadline = self.ports.clock.monotonic() + DRAIN
        # Two looks: what one worker publishes while the others are looked at is seen by the second.
        while (self.lag() or self.lag()) and not self.seats.failing:
            if self.ports.clock.monotonic() >= deadline:
                break
            await self.ports.clock.sleep(SECOND // 50)


def _begin(loops: Iterable[Loop]) -> list["asyncio.Task[Any]"]:
    return [asyncio.create_task(_run(loop), name=loop.name) for loop in loops]


async def _run(loop: Loop) -> None:
    await loop.run()


async def _cancelled(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """Cancel and wait; each cleans up in its own time."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
