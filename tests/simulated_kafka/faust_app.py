"""As much of a Faust app as its shell uses: signals, agents over a buffered stream, acknowledgements, crashes."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from shared.clock import SECOND
from shared.shells.kafka_group import AHEAD, KafkaGroup
from tests.simulated_kafka.cluster import Cluster, Stored
from tests.simulated_kafka.consumer import Consumer
from tests.simulated_kafka.host import Killed

Agent = Callable[["Stream"], Awaitable[None]]
COMMIT_EVERY = 0.5
FETCH = 200
Told = Callable[..., Awaitable[None]]


@dataclass(slots=True)
class Signal:
    """Who is connected is told, with the app before all else."""

    told: list[Told] = field(default_factory=list)

    def connect(self, told: Told) -> None:
        self.told.append(told)


@dataclass(frozen=True, slots=True)
class Message:
    """A record as Faust gives it: its time in seconds."""

    topic: str
    partition: int
    offset: int
    timestamp: float
    timestamp_type: int
    key: bytes | None
    value: bytes
    headers: Any


@dataclass(frozen=True, slots=True)
class Event:
    """A message under way through an agent."""

    message: Message
    acks: "Acks"

    def ack(self) -> None:
        self.acks.add(TopicPartition(self.message.topic, self.message.partition), self.message.offset)


class Acks:
    """What may be committed: all below the first that is not acknowledged."""

    def __init__(self) -> None:
        self._acked: dict[TopicPartition, set[int]] = {}
        self.following: dict[TopicPartition, int] = {}

    def add(self, where: TopicPartition, offset: int) -> None:
        self._acked.setdefault(where, set()).add(offset)

    def forget(self) -> None:
        """A new assignment begins."""
        self._acked, self.following = {}, {}

    def committable(self) -> dict[TopicPartition, int]:
        found = {}
        for where, at in self.following.items():
            begun, acked = at, self._acked.get(where, set())
            while at in acked:
                acked.discard(at)
                at += 1  # noqa: PLW2901 - it is how far it goes
            self.following[where] = at
            if at > begun:
                found[where] = at
        return found


class Channel:
    """An agent's buffer."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Event] = asyncio.Queue(AHEAD)


class Stream:
    """What an agent is given."""

    def __init__(self) -> None:
        self.channel, self.enable_acks = Channel(), True

    async def events(self) -> AsyncIterator[Event]:
        """One by one; before each of them others have their turn."""
        while True:
            await asyncio.sleep(0)
            event = await self.channel.queue.get()
            yield event
            if self.enable_acks:
                event.ack()


class AppConsumer:
    """The app's consumer, as the shell sees it."""

    def __init__(self, app: "App", inner: Consumer) -> None:
        self._app, self.inner = app, inner

    async def commit(self) -> None:
        if offsets := self._app.acks.committable():
            await self.inner.commit(offsets)

    def on_buffer_full(self, where: TopicPartition) -> None:
        self.inner.paused.add(where)

    def on_buffer_drop(self, where: TopicPartition) -> None:
        self.inner.paused.discard(where)


class App:
    """One member of a group."""

    def __init__(self, cluster: Cluster, group: KafkaGroup, _folder: Path) -> None:
        session = int(group.session.total_seconds() * SECOND)
        inner = Consumer(
            cluster, group_id=group.name, session_timeout_ms=session, auto_offset_reset="earliest",
            partition_assignment_strategy=(RangePartitionAssignor,),
        )  # fmt: skip
        self.on_partitions_revoked, self.on_partitions_assigned = Signal(), Signal()
        self.acks = Acks()
        self.consumer = AppConsumer(self, inner)
        self.crashed = False
        self.crash_reason: Exception | None = None
        self._inner = inner
        self._agents: dict[str, tuple[Agent, Stream]] = {}
        self._running: deque[asyncio.Task[None]] = deque()

    def topic(self, name: str, **_settings: object) -> str:
        return name

    def agent(self, topic: str, **_settings: object) -> Callable[[Agent], None]:
        def register(agent: Agent) -> None:
            self._agents[topic] = agent, Stream()

        return register

    async def start(self) -> None:
        await self._inner.start()
        self._inner.begins_paused = True
        self._inner.subscribe(list(self._agents), listener=Rebalances(self))
        works = [self._fetch(), self._commit(), *(agent(stream) for agent, stream in self._agents.values())]
        self._running.extend(asyncio.ensure_future(self._guard(work)) for work in works)

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._inner.stop()

    def events(self, where: TopicPartition, offsets: Collection[int]) -> list[Event]:
        """As an agent is given them."""
        records = {one.offset: one for one in self._inner.cluster.partition(where).records}
        return [Event(_message(records[offset]), self.acks) for offset in offsets]

    def clear(self) -> None:
        """Forget what is buffered, when partitions change hands; what an agent has taken already stays with it."""
        for _, stream in self._agents.values():
            while not stream.channel.queue.empty():
                stream.channel.queue.get_nowait()

    async def _guard(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Killed:
            return  # a dead process tells nobody
        except Exception as fault:  # noqa: BLE001 - as Faust: it has crashed, and says so when it is asked
            self.crashed, self.crash_reason = True, fault

    async def _fetch(self) -> None:
        while True:
            for where, records in (await self._inner.getmany(timeout_ms=SECOND, max_records=FETCH)).items():
                _, stream = self._agents[where.topic]
                self.acks.following.setdefault(where, records[0].offset)
                for one in records:
                    await stream.channel.queue.put(Event(_message(one), self.acks))

    async def _commit(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_EVERY)
            try:
                await self.consumer.commit()
            except KafkaError:
                continue


class Rebalances:
    """What the group says, told to whoever is connected."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._app.clear()
        for told in self._app.on_partitions_revoked.told:
            await told(self._app, revoked)
        self._app.acks.forget()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        for told in self._app.on_partitions_assigned.told:
            await told(self._app, assigned)
        for where in assigned:
            self._app.consumer.on_buffer_drop(where)


def _message(one: Stored) -> Message:
    return Message(
        one.topic,
        one.partition,
        one.offset,
        one.timestamp / SECOND,
        one.timestamp_type,
        one.key,
        one.value,
        one.headers,
    )
