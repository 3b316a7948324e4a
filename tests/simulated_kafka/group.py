"""A group: members come, leave, die and freeze; partitions are shared out by the assignor they bring."""

import asyncio
from collections.abc import Awaitable, Collection
from typing import TYPE_CHECKING, Any, Protocol

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from shared.clock import SECOND
from tests.simulated_kafka.host import CURRENT, Killed, passing

if TYPE_CHECKING:
    from tests.simulated_kafka.cluster import Cluster
    from tests.simulated_kafka.consumer import Consumer


class Listener(Protocol):
    """Who is told what changes hands."""

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> Awaitable[None]: ...
    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> Awaitable[None]: ...


class Group:
    """The coordinator. Faults of listeners are swallowed, as the library does."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self.members: dict[str, Consumer] = {}
        self.committed: dict[TopicPartition, int] = {}
        self.generation = 0
        self._joined = 0
        self._wanted = False
        self._balancing: asyncio.Task[None] | None = None

    @property
    def stable(self) -> bool:
        """Whether nothing is about to change hands."""
        return self._balancing is None

    def join(self, consumer: "Consumer") -> None:
        if not any(consumer is member for member in self.members.values()):
            self._joined += 1
            self.members[f"member-{self._joined:04}"] = consumer
        self.balance()

    def leave(self, consumer: "Consumer") -> None:
        """It is missed no more: by its own word, or because nothing was heard of it for a session."""
        for name, member in list(self.members.items()):
            if member is consumer:
                del self.members[name]
                self.balance()

    def commit(self, consumer: "Consumer", offsets: dict[TopicPartition, int]) -> None:
        """Raises CommitFailedError for one who has missed a change."""
        if consumer.generation != self.generation or consumer not in self.members.values():
            raise CommitFailedError
        self.committed.update(offsets)

    def balance(self) -> None:
        """Share out again. Not by whoever asks: the coordinator is nobody's process."""
        self._wanted = True
        if self._balancing is None:
            token = CURRENT.set(None)
            self._balancing = asyncio.create_task(self._balance(), name="coordinator")
            CURRENT.reset(token)

    async def _balance(self) -> None:
        while self._wanted:
            self._wanted = False
            await self._cluster.answer()
            asked = {member: asyncio.create_task(self._prepare(member)) for member in self.members.values()}
            if asked:
                session = max(member.session for member in asked) / SECOND
                await asyncio.wait(asked.values(), timeout=session)
            for member, task in asked.items():
                if not task.done():
                    self.leave(member)  # silent for too long: when it is back, it joins anew
            self.generation += 1
            for member, share in self._shares().items():
                positions = {where: self.committed.get(where, 0) for where in share}
                member.settle(positions, self.generation)
                asyncio.create_task(self._tell(member, share))  # noqa: RUF006 - it ends by itself, and says nothing
        self._balancing = None

    def miss(self, member: "Consumer") -> None:
        """Nothing was heard of it for a session. Should it be back one day, it gives up all it had, and joins anew."""
        if any(member is one for one in self.members.values()):
            self.leave(member)
            asyncio.create_task(self._prepare(member))  # noqa: RUF006 - as long as it is frozen, or for ever

    async def _prepare(self, member: "Consumer") -> None:
        CURRENT.set(member.process)
        if member.process is not None and member.process.dead:
            await asyncio.Event().wait()
        await self._hear(self._revoke(member))
        if not any(member is one for one in self.members.values()) and not member.stopped:
            self.join(member)

    async def _revoke(self, member: "Consumer") -> None:
        await passing()
        member.unsettle()
        if member.listener is not None:
            await member.listener.on_partitions_revoked(member.assignment())

    async def _tell(self, member: "Consumer", share: Collection[TopicPartition]) -> None:
        CURRENT.set(member.process)
        await self._hear(self._assign(member, share))

    async def _assign(self, member: "Consumer", share: Collection[TopicPartition]) -> None:
        await passing()
        if member.listener is not None:
            await member.listener.on_partitions_assigned(share)

    async def _hear(self, told: Awaitable[None]) -> None:
        try:
            await told
        except (Exception, Killed):  # noqa: BLE001 - the library would log it
            return

    def _shares(self) -> "dict[Consumer, set[TopicPartition]]":
        if not self.members:
            return {}
        (strategy,) = next(iter(self.members.values())).given["partition_assignment_strategy"]
        asked: dict[str, Any] = {name: strategy.metadata(member.topics) for name, member in self.members.items()}
        shares = strategy.assign(Known(self._cluster), asked)
        return {
            self.members[name]: {TopicPartition(topic, number) for topic, numbers in share.assignment for number in numbers}
            for name, share in shares.items()
        }  # fmt: skip


class Known:
    """What assignors ask of a cluster."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        found = self._cluster.topics.get(topic)
        return None if found is None else set(range(len(found.partitions)))
