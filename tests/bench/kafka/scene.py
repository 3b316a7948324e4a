"""The bench's own engines, in a folder of its own, and the desk on them."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from deploy.engines import kafka, mongo
from shared.brokers.kafka_address import KafkaAddress
from tests.bench.kafka.living_fleet import LivingFleet, Spent, cpu
from tests.bench.kafka.outside import Outside
from tests.bench.kafka.size import Size
from tests.e2e.policies import write_fast_policy
from tests.engines.installation import PARTITIONS
from tests.engines.kafka import ADDRESS as KAFKA
from tests.engines.mongo import ADDRESS as MONGO

HEAP = "6g"
"""The stand-in keeps everything in memory, and a long run leaves much there."""
SETTLES = 120
"""Seconds a desk may take to come to rest between two sections that share it."""


class Scene:
    """Engines while the block runs; a desk from the first call of `desk` on."""

    def __init__(self, folder: Path, size: Size, shell: str) -> None:
        self.folder, self.size, self.shell = folder, size, shell
        self._open = ExitStack()
        self._fleet: LivingFleet | None = None
        self._fleets = 0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        try:
            cluster = kafka.start(self.folder / "kafka", self.say, first_port=None)
            self._open.callback(cluster.stop)
            server = mongo.start(self.folder / "mongo", self.say, durable=False, port=None, heap=HEAP)
            self._open.callback(server.stop)
        except BaseException:
            self._open.close()
            raise
        self.kafka, self.mongo = cluster.address, server.address
        self._engines = {"broker": cluster.children[0].pid, "database": server.child.pid if server.child else 0}
        os.environ[KAFKA], os.environ[MONGO] = self.kafka, self.mongo
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_desk()
        self._open.close()
        del os.environ[KAFKA], os.environ[MONGO]

    @contextmanager
    def weighing(self) -> Iterator[Spent]:
        """What the block costs the engines."""
        before, spent = self._cpu(), Spent()
        yield spent
        after = self._cpu()
        spent.by = {name: after[name] - before[name] for name in before}

    def _cpu(self) -> dict[str, float]:
        return {name: cpu(psutil.Process(pid)) for name, pid in self._engines.items()}

    def say(self, line: str) -> None:
        """Progress, with the time since the beginning."""
        passed = int(time.monotonic() - self._began)
        print(f"   {passed // 60:2}:{passed % 60:02} {line}", flush=True)

    @property
    def desk(self) -> LivingFleet:
        """The one that is open."""
        if self._fleet is None:
            raise RuntimeError("no desk is open")
        return self._fleet

    def open_desk(self, *, large: bool = False) -> None:
        """A new one, or the one before: where sections share it, or where a `large` one is wanted and it is."""
        if self._fleet is not None and (self.size.shares or (large and self._fleet.seeded_rate)):
            asyncio.run(self._rest(self._fleet))
            return
        self.close_desk()
        self._fleets += 1
        folder = self.folder / f"desk{self._fleets}"
        folder.mkdir()
        self._fleet = LivingFleet(folder, write_fast_policy(folder, acknowledges=False), self.shell)
        self._fleet.open()
        self.say(f"a desk is open, its processes share work by {self.shell}")

    async def _rest(self, fleet: LivingFleet) -> None:
        async with self.outside(fleet) as outside:
            await outside.until_still(SETTLES)

    def close_desk(self) -> None:
        """Stop the desk there is."""
        if self._fleet is not None:
            self._fleet.stop_all()
            self._fleet = None

    def give_up_desk(self) -> None:
        """Show what its processes said last, and stop them."""
        if self._fleet is not None:
            print(self._fleet.log(), flush=True)
            self.close_desk()

    def outside(self, fleet: LivingFleet) -> Outside:
        """A look at the log of that desk."""
        return Outside(KafkaAddress(self.kafka, fleet.settings["SANAD_KAFKA_PREFIX"]), PARTITIONS)
