"""What the house stands on: Kafka, a database, disks that can be filled, and a network in front of each that can be hurt."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from deploy.engines import children, kafka, mongo
from deploy.engines.kafka import Cluster
from deploy.engines.mongo import Server
from tests.e2e.living_desk import free_port
from tests.engines.kafka import quiet
from tests.faults.disk import Disk
from tests.faults.wire import Way, Wire

THREADS = 60
"""Seconds that what was begun in a thread has to end, before what it started is killed."""


class Grounds:
    """All in `folder`. Doors are several processes behind one address, which take turns."""

    kafka: Cluster
    mongo: Server
    way: Way
    """To the database."""

    def __init__(self, folder: Path, nodes: int) -> None:
        self.folder, self.nodes = folder, nodes
        self.ways: list[Way] = []
        """To each node of Kafka; nobody goes past them."""
        self.disks: list[Disk] = []
        self._wire: Wire | None = None

    async def start_engines(self, doors: Sequence[tuple[int, *tuple[int, ...]]]) -> None:
        """`doors`: an address and the servers behind it. Whatever comes up can be torn down, also after a cancellation."""
        fronts = [free_port() for _ in range(self.nodes)]
        self.disks = [Disk(self.folder / "kafka" / f"node{node}" / "log") for node in range(self.nodes)]
        for disk in self.disks:
            disk.mount()
        starting = asyncio.gather(
            asyncio.to_thread(kafka.start, self.folder / "kafka", quiet, self.nodes, None, None, fronts),
            asyncio.to_thread(mongo.start, self.folder / "mongo", quiet, durable=True, port=None, heap="512m"),
        )
        try:
            self.kafka, self.mongo = await asyncio.shield(starting)
        except asyncio.CancelledError:
            self.kafka, self.mongo = await starting
            raise
        fronts.append(free_port())
        engines = zip(fronts, (*self.kafka.ports[: self.nodes], self.mongo.port), strict=True)
        self._wire = await Wire.stretch([*engines, *doors])
        self.ways, self.way = self._wire.ways[: self.nodes], self._wire.ways[self.nodes]

    async def tear_down_engines(self) -> None:
        """Whatever still runs is killed; nobody in a thread starts anything after that."""
        if self._wire is not None:
            self._wire.end()
        await asyncio.wait(
            [asyncio.ensure_future(asyncio.get_running_loop().shutdown_default_executor())], timeout=THREADS
        )
        if hasattr(self, "mongo"):
            self.mongo.kill()
        if hasattr(self, "kafka"):
            for child in self.kafka.children:
                children.kill(child)
        for disk in self.disks:
            disk.unmount()
