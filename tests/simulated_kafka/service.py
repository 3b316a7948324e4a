"""Processes of one service on a simulated cluster: the product's engine, workers, shells and log, as they are."""

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

from shared import blobs, checkpoints, dead_letters, desks
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK, SLA
from shared.clock import SECOND, Clock, Ms
from shared.documents import DocumentsUnavailable
from shared.engine import Engine
from shared.metrics import Metrics
from shared.moves import Seals
from shared.secrets import Secrets
from shared.service import Consumer, Ports, Service
from shared.settings import Settings
from shared.shell import Shell
from shared.shells.aiokafka_shell import AiokafkaShell
from shared.shells.faust_shell import FaustShell
from shared.shells.kafka_group import KafkaGroup
from tests.contracts.ports.kafka_logs import CONFIGS
from tests.simulated_kafka.admin import Admin
from tests.simulated_kafka.cluster import Cluster, loop_time
from tests.simulated_kafka.consumer import Consumer as SimulatedConsumer
from tests.simulated_kafka.group import Group
from tests.simulated_kafka.host import CURRENT, Host, passing
from tests.simulation.memory_documents import MemoryDocuments
from tests.simulation.pauses import Pause
from tests.simulation.toy import ROLES

PARTITIONS = 4
SESSION = 6
ADDRESS = KafkaAddress("127.0.0.1:1", "p.", patience=3 * SECOND)
TOPICS = (COMMANDS.name, DESK.name, SLA.name, DELIVERIES.name)
SHELLS: dict[str, Callable[[KafkaGroup, KafkaBroker], Shell]] = {"aiokafka": AiokafkaShell, "faust": FaustShell}
COLLECTIONS = (
    *checkpoints.COLLECTIONS, *blobs.COLLECTIONS, *dead_letters.COLLECTIONS, *desks.COLLECTIONS,
)  # fmt: skip
PATIENCE = 600
"""Seconds of the loop's time, in which anything must have come to rest."""


class LoopClock:
    """The event loop's time."""

    def now(self) -> Ms:
        return loop_time()

    def monotonic(self) -> Ms:
        return loop_time()

    async def sleep(self, length: Ms) -> None:
        await passing()
        await asyncio.sleep(length / SECOND)
        await passing()


class Store:
    """The documents of all processes. While it is not `up` no call is answered."""

    def __init__(self, cluster: Cluster) -> None:
        self.up = True
        self._cluster = cluster
        self.documents = MemoryDocuments(COLLECTIONS, self._pause)

    async def _pause(self, _where: Pause) -> None:
        await self._cluster.answer()
        if not self.up:
            raise DocumentsUnavailable("nobody answers")


class ServiceHost(Host):
    """The toy service in a process of its own. `fault` is what ended it early."""

    def __init__(self, name: str, shell: str, store: Store, consumers: Sequence[Consumer]) -> None:
        super().__init__(name)
        CURRENT.set(self)
        self.fault: BaseException | None = None
        self.broker = KafkaBroker(ADDRESS, PARTITIONS)
        self._stop = asyncio.Event()
        group = KafkaGroup(ADDRESS, "toy", session=timedelta(seconds=SESSION))
        ports = ports_of(self.broker, store, LoopClock())
        self.engine = Engine(ports, [Service("toy", tuple(consumers))], shell=SHELLS[shell](group, self.broker))
        self.running = asyncio.create_task(self._run(), name=name)

    async def stop(self) -> None:
        """As by SIGTERM."""
        self._stop.set()
        await self.running

    def partitions(self, name: str = "router") -> set[int]:
        """Where that consumer works here now."""
        return {seat.worker.partition for seat in self.engine.seats if seat.worker.name == name and seat.loaded}

    def position(self, partition: int, name: str = "router") -> int:
        places = [(one.name, one.partition, one.position) for one in self.engine.workers]
        return max((at for worker, part, at in places if (worker, part) == (name, partition)), default=-1)

    async def _run(self) -> None:
        try:
            await self.engine.run(self._stop)
        except BaseException as fault:  # noqa: BLE001 - the test judges it
            self.fault = fault
        with contextlib.suppress(BaseException):
            await self.broker.close()


def ports_of(broker: KafkaBroker, store: Store, clock: Clock) -> Ports:
    documents = store.documents
    return Ports(
        broker=broker, documents=documents, checkpoints=checkpoints.Checkpoints(documents),
        blobs=blobs.Blobs(documents), dead_letters=dead_letters.DeadLetters(documents, clock), clock=clock,
        metrics=Metrics(), settings=Settings(_env_file=None, folder=Path(os.devnull)), secrets=Secrets(b"c", (b"l",), (b"m",)),
        seals=Seals(documents, clock),
    )  # fmt: skip


TOY = tuple(Consumer(role.name, role.topic, role.fold) for role in ROLES)


class Fleet:
    """All processes of the service, those that ended too."""

    def __init__(
        self, cluster: Cluster, rng: Random, shells: Sequence[str], consumers: Sequence[Consumer] = TOY
    ) -> None:
        self.cluster, self.rng, self._shells, self._consumers = cluster, rng, shells, consumers
        self.store = Store(cluster)
        for topic in TOPICS:
            Admin(cluster, ADDRESS).create(topic, PARTITIONS, 1, CONFIGS)
        self.processes: list[ServiceHost] = []
        self.counts: Counter[str] = Counter()

    @property
    def alive(self) -> list[ServiceHost]:
        return [one for one in self.processes if not one.running.done() and not one.dead]

    async def join(self, shell: str = "") -> ServiceHost:
        """A new one. It is begun in a context of its own."""
        shell = shell or self.rng.choice(self._shells)

        async def begin() -> ServiceHost:
            return ServiceHost(f"process {len(self.processes)}", shell, self.store, self._consumers)

        self.processes.append(await asyncio.create_task(begin()))
        return self.processes[-1]

    def lose(self, process: ServiceHost) -> None:
        """The group will not hear of this one for a session: then others get what it had, unless it is back by then."""
        loop = asyncio.get_running_loop()
        for group in self.cluster.groups.values():
            for member in list(group.members.values()):
                if member.process is process:
                    loop.call_later(SESSION, _miss, group, member)

    def kill(self, process: ServiceHost) -> None:
        process.kill()
        process.running.cancel()
        self.cluster.notify()
        self.lose(process)

    def freeze(self, process: ServiceHost) -> None:
        process.freeze()
        self.lose(process)

    async def end(self) -> None:
        """All of them, cleanly."""
        self.cluster.up = self.store.up = True
        for process in self.processes:
            process.thaw()
        for process in self.alive:
            await process.stop()


def _miss(group: Group, member: SimulatedConsumer) -> None:
    if member.process is not None and (member.process.dead or member.process.frozen):
        group.miss(member)


async def eventually(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Let others work until it holds, so long at most."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(0.02)
    return True
