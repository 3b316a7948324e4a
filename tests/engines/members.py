"""Processes of one service on the session's Kafka, as tasks of the test: each with its own broker and shell."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from shared.broker import Outgoing
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from shared.brokers.kafka_producer import MESSAGE_BYTES
from shared.catalogue.topics import COMMANDS, DESK
from shared.clock import SECOND
from shared.engine import Engine
from shared.metrics import Metrics
from shared.service import Consumer, Ports, Service
from shared.shell import Shell
from shared.shells.aiokafka_shell import AiokafkaShell
from shared.shells.faust_shell import FaustShell
from shared.shells.kafka_group import KafkaGroup
from tests.engines import kafka
from tests.unit.shared.engine_stage import Copying, open_ports

PARTITIONS = 4
CONFIGS = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(MESSAGE_BYTES)}
SHELLS: dict[str, Callable[[KafkaGroup, KafkaBroker], Shell]] = {"aiokafka": AiokafkaShell, "faust": FaustShell}


class Member:
    """A process, as a member of the group."""

    def __init__(self, ports: Ports, address: KafkaAddress, shell: str, session: timedelta) -> None:
        self.broker = KafkaBroker(address, PARTITIONS)
        ports = replace(ports, broker=self.broker, metrics=Metrics())
        toy = Service(
            "toy",
            (
                Consumer("copier", COMMANDS.name, lambda _partition: Copying()),
                Consumer("follower", DESK.name, lambda _partition: Copying()),
            ),
        )
        group = KafkaGroup(address, "toy", session=session)
        self.engine = Engine(ports, [toy], shell=SHELLS[shell](group, self.broker))
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(self.engine.run(self._stop))

    def partitions(self, name: str) -> set[int]:
        """Where that consumer works here now."""
        return {seat.worker.partition for seat in self.engine.seats if seat.worker.name == name and seat.loaded}

    def works_on(self, partitions: set[int]) -> bool:
        """Whether all consumers work here on these and no others."""
        return self.partitions("copier") == self.partitions("follower") == partitions

    def position(self, name: str, partition: int) -> int:
        """How far it is here; -1 where it does not work here."""
        return max(
            (one.position for one in self.engine.workers if (one.name, one.partition) == (name, partition)), default=-1
        )

    async def ended(self) -> None:
        """Wait until it ends by itself. Raises what ended it."""
        try:
            await self._running
        finally:
            await self.broker.close()

    async def stop(self) -> None:
        """A clean stop. Raises what ended it before."""
        self._stop.set()
        try:
            await self._running
        finally:
            await self.broker.close()


class Stage:
    """A service's processes, and a client that speaks to them."""

    def __init__(self, ports: Ports, address: KafkaAddress, shell: str) -> None:
        self._ports, self.address, self._shell = ports, address, shell
        self.client = KafkaBroker(address, PARTITIONS)
        self.processes: list[Member] = []
        self.session = timedelta(seconds=6)
        self.said = 0

    def join(self, shell: str = "") -> Member:
        self.processes.append(Member(self._ports, self.address, shell or self._shell, self.session))
        return self.processes[-1]

    async def leave(self, process: Member) -> None:
        self.processes.remove(process)
        await process.stop()

    async def say(self, count: int) -> None:
        """Commands, the same number in every partition."""
        for partition in range(PARTITIONS):
            numbers = range(self.said, self.said + count)
            await self.client.append([Outgoing(COMMANDS.name, partition, b"d", b"%d" % number) for number in numbers])
        self.said += count

    async def begin_anew(self, topic: str) -> None:
        """Delete the topic with all that is in it, and make it again."""

        def change() -> None:
            with KafkaAdmin(self.address) as admin:
                admin.delete(topic)
                while not admin.create(topic, PARTITIONS, 1, CONFIGS):
                    time.sleep(0.1)

        await asyncio.to_thread(change)

    async def until_applied(self) -> None:
        """All that was said is applied by whoever has it now."""
        await eventually(lambda: all(self.furthest("copier", part) == self.said for part in range(PARTITIONS)))

    def furthest(self, name: str, partition: int) -> int:
        return max((process.position(name, partition) for process in self.processes), default=-1)

    async def facts(self, partition: int) -> Counter[bytes]:
        """What the copiers made of it, with repeats."""
        found, at = Counter[bytes](), 0
        while records := await self.client.read(DESK.name, partition, at):
            found.update(record.value for record in records)
            at = records[-1].offset + 1
        return found


@asynccontextmanager
async def staged(folder: Path, shell: str) -> AsyncIterator[Stage]:
    """An installation of its own on the session's Kafka."""
    address = KafkaAddress(kafka.address(), f"{uuid.uuid4().hex[:8]}.", patience=10 * SECOND)
    with KafkaAdmin(address) as admin:
        for topic in (COMMANDS.name, DESK.name):
            admin.create(topic, PARTITIONS, 1, CONFIGS)
    async with open_ports(folder) as ports:
        stage = Stage(ports, address, shell)
        try:
            yield stage
        finally:
            for process in list(stage.processes):
                await stage.leave(process)
            await stage.client.close()


async def eventually(condition: Callable[[], object]) -> None:
    """Let others work until it holds."""
    for _ in range(3_000):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("what was waited for never came")
