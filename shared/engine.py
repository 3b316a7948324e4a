"""Runs services in one process: a worker per consumer and partition, the loops beside them, and a clean stop.

An error anywhere ends the process: a desk that limps is worse than one that restarts. What was acknowledged is durable.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from shared.clock import SECOND, Ms
from shared.metrics import ConsumerMeter
from shared.service import Loop, Ports, Service
from shared.worker import Step, Worker, WorkerPorts

DRAIN: Ms = 10 * SECOND


async def no_step(_name: str) -> None:
    """Nothing happens between the named steps, outside tests."""


class Engine:
    """The services of one process."""

    def __init__(self, ports: Ports, services: Sequence[Service], step: Step = no_step) -> None:
        self.ports = ports
        self.services = services
        self.workers = [
            Worker(
                consumer.name,
                consumer.topic,
                partition,
                partial(consumer.fold, partition),
                self._given(consumer.name, consumer.topic, partition, step),
            )
            for service in services
            for consumer in service.consumers
            for partition in range(ports.broker.partitions)
        ]
        self.loaded = asyncio.Event()
        self._stopping = False

    async def run(self, stop: asyncio.Event, doors: Sequence[Loop] = ()) -> None:
        """Load, run until `stop` is set, drain, save. Raises what ended it early."""
        await asyncio.gather(*(worker.load() for worker in self.workers))
        self.loaded.set()
        turning = [asyncio.create_task(self._turn(worker), name=worker.name) for worker in self.workers]
        beside = [
            asyncio.create_task(loop.run(), name=loop.name)
            for loop in (*doors, *(loop for service in self.services for loop in service.loops))
        ]
        stopped = asyncio.create_task(stop.wait(), name="stop")
        try:
            done, _ = await asyncio.wait([*turning, *beside, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()
        finally:
            stopped.cancel()
            await _cancelled(beside)
            await self._drain(turning)
        if not stop.is_set():
            names = ", ".join(task.get_name() for task in done)
            raise RuntimeError(f"{names} ended by itself")

    async def _turn(self, worker: Worker) -> None:
        while not self._stopping:
            await worker.advance()

    async def _drain(self, turning: Sequence["asyncio.Task[None]"]) -> None:
        """Let the workers apply what is in the logs, then save where each stands."""
        if not any(task.done() for task in turning):
            deadline = self.ports.clock.monotonic() + DRAIN
            while await self.lag() and self.ports.clock.monotonic() < deadline:
                await self.ports.clock.sleep(SECOND // 50)
        self._stopping = True
        failures = await asyncio.gather(*turning, return_exceptions=True)
        for worker, failure in zip(self.workers, failures, strict=True):
            if failure is None:
                await worker.save_slice(now=True)

    async def lag(self) -> int:
        """Records of all topics not applied yet, over all workers."""
        total = 0
        for worker in self.workers:
            bounds = await self.ports.broker.bounds(worker.topic, worker.partition)
            total += bounds.next - worker.position
            self.ports.metrics.lag.labels(worker.name, str(worker.partition)).set(bounds.next - worker.position)
        return total

    def _given(self, name: str, topic: str, partition: int, step: Step) -> WorkerPorts:
        ports = self.ports
        return WorkerPorts(
            broker=ports.broker, documents=ports.documents, checkpoints=ports.checkpoints,
            dead_letters=ports.dead_letters, clock=ports.clock,
            meter=ConsumerMeter(ports.metrics, ports.clock, name, topic, partition), step=step,
        )  # fmt: skip


async def _cancelled(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Cancel and wait; each cleans up in its own time."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
