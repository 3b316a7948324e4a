"""The producer: idempotent, acknowledged by all replicas in sync, and never used again after a failure.

After a produce that failed or timed out an idempotent producer may be stuck (its sequence has a hole), and nobody knows
what it still holds. So it is thrown away; whatever it had taken is sent again by whoever was told of the failure.
"""

import asyncio

from aiokafka import AIOKafkaProducer

from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_faults import ended, told
from shared.clock import SECOND

BATCH_BYTES = 1 << 20
MESSAGE_BYTES = 2 << 20
"""The most a batch may have on the wire, and what every topic must take: one largest record, or BATCH_BYTES of others."""


class Producers:
    """One producer at a time, made when it is needed."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address
        self._starting: asyncio.Task[AIOKafkaProducer] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    async def current(self) -> AIOKafkaProducer:
        """The one in use. Raises BrokerUnavailable where none can be started now."""
        starting = self._starting
        if starting is None:
            starting = self._starting = asyncio.create_task(self._start(), name="start of a Kafka producer")
        try:
            with told("Kafka takes nothing now"):
                return await asyncio.shield(starting)
        except BaseException:
            if starting.done() and self._starting is starting:
                self._starting = None
            raise

    def discard(self, producer: AIOKafkaProducer) -> None:
        """Nobody is given this one again."""
        starting = self._starting
        if starting is None or not starting.done() or starting.exception() or starting.result() is not producer:
            return
        self._starting = None
        leaving = asyncio.create_task(self._stop(producer), name="stop of a Kafka producer")
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Stop all. Idempotent."""
        starting, self._starting = self._starting, None
        if starting is not None:
            await asyncio.wait([starting])
            if not starting.cancelled() and starting.exception() is None:
                await self._stop(starting.result())
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def _start(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._address.asyncio_client(),
            acks="all",
            enable_idempotence=True,
            linger_ms=0,  # lanes collect by themselves while a batch is under way
            max_batch_size=MESSAGE_BYTES,
            max_request_size=MESSAGE_BYTES,
        )
        try:
            async with asyncio.timeout(self._address.patience / SECOND):
                await producer.start()
        except BaseException:
            await self._stop(producer)
            raise
        return producer

    async def _stop(self, producer: AIOKafkaProducer) -> None:
        """Let it finish for a moment; a hanging one is torn down."""
        sender = producer._sender  # noqa: SLF001 - without a broker `stop` waits for ever for this task, and offers no other end
        patience = self._address.patience / SECOND
        stopping = asyncio.create_task(producer.stop())
        done, _ = await asyncio.wait([stopping], timeout=patience)
        if not done and sender is not None and sender.sender_task is not None:
            sender.sender_task.cancel()
            await asyncio.wait([stopping], timeout=patience)
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        await ended(producer.client.close())
