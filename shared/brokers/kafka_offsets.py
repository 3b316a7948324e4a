"""Where partitions begin and end, asked of the cluster: many of them in one question, so that idle ones cost nothing."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker import Bounds, BrokerUnavailable
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_faults import ended, told
from shared.brokers.kafka_reader import started
from shared.clock import SECOND, Ms

EVERY: Ms = 3 * SECOND
FRESH: Ms = 3 * EVERY
"""An end that was asked for longer ago is no answer."""

Asked = Mapping[TopicPartition, "asyncio.Future[Bounds]"]


class Offsets:
    """One question is under way at a time; who comes meanwhile shares the next one."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address
        self._starting: asyncio.Task[AIOKafkaConsumer] | None = None
        self._wanted: dict[TopicPartition, asyncio.Future[Bounds]] = {}
        self._open: set[asyncio.Future[Bounds]] = set()
        self._asking: asyncio.Task[None] | None = None
        self._alone: set[asyncio.Task[None]] = set()

    async def bounds(self, topic: str, partition: int) -> Bounds:
        """From the cluster, now. Raises BrokerUnavailable."""
        where = TopicPartition(self._address.prefix + topic, partition)
        answer = self._wanted.get(where)
        if answer is None:
            answer = self._wanted[where] = asyncio.get_running_loop().create_future()
            self._open.add(answer)
            answer.add_done_callback(self._heard)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), name="bounds of partitions")
        return await asyncio.shield(answer)

    async def ends(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Of all these at once. Raises BrokerUnavailable where one of them cannot be told."""
        consumer = await self._consumer()
        try:
            with told("Kafka says nothing now"):
                found: Mapping[TopicPartition, int] = await consumer.end_offsets(list(places))
                return found
        except BrokerUnavailable:
            await self._discard(consumer)
            raise

    async def close(self) -> None:
        """Let go of all connections. Idempotent."""
        asking = [task for task in (self._asking, *self._alone) if task is not None]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        for answer in list(self._open):
            if not answer.done():
                answer.set_exception(BrokerUnavailable("the log is closed"))
        self._wanted = {}
        starting, self._starting = self._starting, None
        if starting is not None:
            await _stop(starting)

    async def _ask(self) -> None:
        try:
            while self._wanted:
                wanted, self._wanted = self._wanted, {}
                await self._answer(wanted)
        finally:
            self._asking = None

    async def _answer(self, wanted: Asked) -> None:
        try:
            found = await self._look(list(wanted))
        except Exception as fault:  # noqa: BLE001 - whatever it was, who waits must hear of it
            if len(wanted) == 1:
                for answer in wanted.values():
                    answer.set_exception(fault)
                return
            # one partition that nobody leads now must not silence the others
            for where, answer in wanted.items():
                task = asyncio.create_task(self._answer({where: answer}), name="bounds of a partition")
                self._alone.add(task)
                task.add_done_callback(self._alone.discard)
            return
        for where, answer in wanted.items():
            answer.set_result(found[where])

    def _heard(self, answer: "asyncio.Future[Bounds]") -> None:
        self._open.discard(answer)
        if not answer.cancelled():
            answer.exception()  # whoever asked may have gone away

    async def _look(self, places: list[TopicPartition]) -> Mapping[TopicPartition, Bounds]:
        consumer = await self._consumer()
        try:
            with told("Kafka says nothing now"):
                first, following = await asyncio.gather(
                    consumer.beginning_offsets(places), consumer.end_offsets(places)
                )
        except BrokerUnavailable:
            await self._discard(consumer)
            raise
        return {where: Bounds(first[where], following[where]) for where in places}

    async def _consumer(self) -> AIOKafkaConsumer:
        starting = self._starting
        if starting is None:
            starting = self._starting = asyncio.create_task(started(self._address), name="start of a Kafka consumer")
        try:
            with told("Kafka says nothing now"):
                return await asyncio.shield(starting)
        except BrokerUnavailable:
            if self._starting is starting:
                self._starting = None
            raise

    async def _discard(self, consumer: AIOKafkaConsumer) -> None:
        starting = self._starting
        if starting is not None and starting.done() and not starting.exception() and starting.result() is consumer:
            self._starting = None
            await ended(consumer.stop())


class Ends:
    """The ends of all partitions that are read here, looked at now and then in one question. Who does not answer is asked
    alone until it does: one that nobody leads now must not silence the others."""

    def __init__(self, offsets: Offsets) -> None:
        self._offsets = offsets
        self._known: dict[TopicPartition, tuple[int, float]] = {}

    def of(self, where: TopicPartition) -> int | None:
        """As the cluster said not long ago."""
        known = self._known.get(where)
        return known[0] if known is not None and time.monotonic() - known[1] < FRESH / SECOND else None

    def note(self, where: TopicPartition, end: int) -> None:
        """It was just asked for."""
        self._known[where] = end, time.monotonic()

    async def watch(self, places: Callable[[], Collection[TopicPartition]]) -> None:
        """Ask for ever."""
        async with asyncio.TaskGroup() as asking:
            alone: dict[TopicPartition, asyncio.Task[None]] = {}
            while True:
                await asyncio.sleep(EVERY / SECOND)
                wanted = set(places())
                for where in [where for where, task in alone.items() if task.done() or where not in wanted]:
                    alone.pop(where).cancel()
                self._known = {where: known for where, known in self._known.items() if where in wanted}
                together = wanted - alone.keys()
                if together and not await self._ask(together):
                    alone |= {where: asking.create_task(self._insist(where)) for where in together}

    async def _ask(self, places: Collection[TopicPartition]) -> bool:
        """Whether all of them answered."""
        try:
            found = await self._offsets.ends(places)
        except BrokerUnavailable:
            return False
        for where, end in found.items():
            self.note(where, end)
        return True

    async def _insist(self, where: TopicPartition) -> None:
        while True:
            if await self._ask([where]):
                return
            await asyncio.sleep(EVERY / SECOND)


async def _stop(starting: "asyncio.Task[AIOKafkaConsumer]") -> None:
    await asyncio.wait([starting])
    if not starting.cancelled() and starting.exception() is None:
        await ended(starting.result().stop())
