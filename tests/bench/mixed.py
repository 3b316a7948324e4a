"""One desk under commands of all kinds, at a rate that does not wait for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from heapq import heappop, heappush

from shared.broker import Outgoing, Place
from shared.catalogue.commands import Command
from shared.clock import SystemClock
from tests.bench.commands import enveloped, message, presence
from tests.bench.figures import Figure, percentile

WANTED = 1_000
RATE = 1_050
"""A little more than is wanted: the time counted ends with the last decision, not with the last command."""
TOGETHER = 10
PATIENCE = 600
"""Seconds the desk may need for what is left when the last command was given."""

Append = Callable[[Sequence[Outgoing]], Awaitable[list[Place]]]


class Mixed:
    """Arrivals and presence, half and half. Who looks at the desk calls `decided`; ages count from the moment a command was
    to be given, so a late client hides nothing."""

    def __init__(self, seconds: int) -> None:
        self.seconds, self.count = seconds, RATE * seconds // TOGETHER * TOGETHER
        self.ages: list[float] = []
        self._waiting: list[tuple[int, float]] = []
        self._decided = -1
        self._rests = asyncio.Event()
        self._began = self._given = self._ended = time.perf_counter()

    async def give(self, append: Append, partition: int) -> None:
        """All of them, and wait until they are decided. Raises TimeoutError."""

        async def one(step: int, wanted: float) -> None:
            places = await append(enveloped(self._commands(step), SystemClock().now(), partition))
            heappush(self._waiting, (places[-1].offset, wanted))
            self.decided(self._decided)

        self._began, giving = time.perf_counter(), []
        for step in range(self.count // TOGETHER):
            wanted = self._began + step * TOGETHER / RATE
            await asyncio.sleep(max(0.0, wanted - time.perf_counter()))
            giving.append(asyncio.create_task(one(step, wanted)))
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*giving)
            self._given = time.perf_counter()
            await self._rests.wait()

    def decided(self, offset: int) -> None:
        """The facts of everything up to this command are there."""
        self._decided, now = offset, time.perf_counter()
        while self._waiting and self._waiting[0][0] <= offset:
            self.ages.append((now - heappop(self._waiting)[1]) * 1_000)
            self._ended = now
        if len(self.ages) == self.count // TOGETHER:
            self._rests.set()

    def _commands(self, step: int) -> list[Command]:
        half, now, name = TOGETHER // 2, SystemClock().now(), f"mixed{self._began}"
        return [*(presence() for _ in range(half)), *(message(step * half + one, name, now) for one in range(half))]

    def figures(self, bare: float, bare_name: str) -> list[Figure]:
        """`bare`: ms of a bare append, p99."""
        name = f"one desk, {RATE:,} mixed commands/s for {self.seconds} s"
        rate = self.count / (self._ended - self._began)
        later = max(0.0, self._ended - self._given)
        return [
            Figure(f"{name}: decided", rate, "commands/s", RATE, "offered", f"≥ {WANTED:,}"),
            Figure(f"{name}: age of the facts, p50", percentile(self.ages, 0.5), "ms"),
            Figure(f"{name}: age of the facts, p99", percentile(self.ages, 0.99), "ms", bare, bare_name),
            Figure("all decided, after the last was durable", later, "s"),
        ]
