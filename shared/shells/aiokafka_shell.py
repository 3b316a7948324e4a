"""The plain shell: an aiokafka consumer in the service's group. Faster than Faust's, and all of it is here to be read."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_reader import records_of
from shared.clock import SECOND, Ms
from shared.logs import logger
from shared.shell import Member, Where
from shared.shells.kafka_group import AHEAD, HEARTBEAT, UNFETCHED, Hint, KafkaGroup

POLL: Ms = SECOND // 5
FULL: Ms = SECOND // 50
"""How soon it looks again whether a worker has made room."""
COMMIT_EVERY: Ms = SECOND
AGAIN: Ms = SECOND // 2


class AiokafkaShell:
    """A Shell over a consumer of its own; what it fetches goes to the broker's tails."""

    def __init__(self, group: KafkaGroup, broker: KafkaBroker) -> None:
        self._group, self._broker = group, broker

    async def run(self, member: Member) -> None:
        consumer = await _joined(self._group)
        membership = Membership(self._group, self._broker, member, consumer)
        try:
            consumer.subscribe([self._group.theirs(topic) for topic in member.topics], listener=membership)
            await membership.last()
        finally:
            await membership.on_partitions_revoked(consumer.assignment())
            membership.end()
            with suppress(KafkaError):
                await consumer.stop()


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """What the group says, told to the member; and the records of what is ours now, given to the tails."""

    def __init__(self, group: KafkaGroup, broker: KafkaBroker, member: Member, consumer: AIOKafkaConsumer) -> None:
        self._group, self._broker, self._member, self._consumer = group, broker, member, consumer
        self._given: dict[TopicPartition, int] = {}
        """What is ours, with the offset that is given next; what was assigned and has no worker yet is not here."""
        self._committed: dict[TopicPartition, int] = {}
        self._hint = Hint()
        self._lock = asyncio.Lock()
        self._faults: list[BaseException] = []

    async def last(self) -> None:
        """Give records until cancelled. Raises what went wrong, also while partitions changed hands."""
        loop = asyncio.get_running_loop()
        commit_at = loop.time()
        while True:
            await self._give(self._with_room())
            if loop.time() >= commit_at:
                async with self._lock:
                    await self._commit()
                commit_at = loop.time() + COMMIT_EVERY / SECOND
            if self._faults:
                raise self._faults[0]
            self._broker.check()

    def end(self) -> None:
        """It leaves: nothing is committed any more."""
        self._hint.end()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Called by the group before anybody else may have them, and by who leaves."""
        async with self._lock:
            try:
                await self._commit()
                for where in revoked:
                    self._given.pop(where, None)
                    self._committed.pop(where, None)
                places = self._places(revoked)
                await self._member.revoked(places)
                for topic, partition in places:
                    self._broker.leave(topic, partition)
            except Exception as fault:  # noqa: BLE001 - the library would only log it, with a record's text perhaps
                self._faults.append(fault)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Seeking is the loop's: here the consumer may still stand somewhere else."""
        try:
            places = self._places(assigned)
            for topic, partition in places:
                self._broker.feed(topic, partition)
            await self._member.assigned(places)
            logger("shell").info("partitions assigned", count=len(places))
        except Exception as fault:  # noqa: BLE001 - as above
            self._faults.append(fault)

    def _with_room(self) -> list[TopicPartition]:
        """Partitions whose workers are not far behind what they were given. The first record given is the first one the
        broker does not hold: what is older a worker reads by itself."""
        found = []
        for where in self._consumer.assignment():
            topic = self._group.ours(where.topic)
            position, held = self._member.position(topic, where.partition), self._broker.held(topic, where.partition)
            if position is None or held is None:
                continue
            if where not in self._given:
                self._consumer.seek(where, held)
                self._given[where] = held
            if self._given[where] - position < AHEAD:
                found.append(where)
        return found

    async def _give(self, wanted: Sequence[TopicPartition]) -> None:
        if not wanted:
            await asyncio.sleep(FULL / SECOND)
            return
        patience = POLL if len(wanted) == len(self._consumer.assignment()) else FULL
        fetched = await self._consumer.getmany(*wanted, timeout_ms=patience, max_records=AHEAD)
        for where, found in fetched.items():
            # what changed hands during the wait is not known here, or not yet again: it is sought at the next look
            if found and where in self._given:
                self._given[where] = found[-1].offset + 1
                self._broker.take(records_of(found, self._group.ours(where.topic)))

    async def _commit(self) -> None:
        """A hint for who looks from outside: checkpoints say where workers begin."""
        positions = {
            where: self._member.position(self._group.ours(where.topic), where.partition) for where in self._given
        }
        news = {
            where: position
            for where, position in positions.items()
            if position is not None and position != self._committed.get(where)
        }
        if news:
            with suppress(KafkaError):
                if await self._hint.give(partial(self._consumer.commit, news)):
                    self._committed.update(news)

    def _places(self, partitions: Iterable[TopicPartition]) -> list[Where]:
        return [(self._group.ours(where.topic), where.partition) for where in sorted(partitions)]


async def _joined(group: KafkaGroup) -> AIOKafkaConsumer:
    """A consumer that reached the cluster, however long that takes."""
    given: dict[str, Any] = {
        **group.address.asyncio_client(),
        "group_id": group.name,
        "group_instance_id": group.member or None,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "session_timeout_ms": int(group.session.total_seconds() * SECOND),
        "heartbeat_interval_ms": int(HEARTBEAT.total_seconds() * SECOND),
        "max_poll_interval_ms": int(UNFETCHED.total_seconds() * SECOND),
        # equal partition numbers of all topics to the same member
        "partition_assignment_strategy": (RangePartitionAssignor,),
    }
    # its tracebacks may quote records, and faults of ours are told elsewhere
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    while True:
        consumer = AIOKafkaConsumer(**given)
        try:
            await consumer.start()
        except KafkaError:
            logger("shell").warning("the log does not answer; trying again")
            with suppress(KafkaError):
                await consumer.stop()
            await asyncio.sleep(AGAIN / SECOND)
        except BaseException:
            await consumer.stop()
            raise
        else:
            return consumer
