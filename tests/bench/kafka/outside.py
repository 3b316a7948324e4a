"""The log seen by a client that is no part of the desk: where it ends, and how far each service's group is."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.catalogue.facts import MessageReceived
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK, SLA, SURVEYS
from shared.shells.kafka_group import KafkaGroup

READS: Mapping[str, tuple[str, ...]] = {
    "router": (COMMANDS.name,),
    "sla": (DESK.name,),
    "survey": (DESK.name, SURVEYS.name),
    "ingest": (DELIVERIES.name,),
    "gateway": (COMMANDS.name, DESK.name, SLA.name, SURVEYS.name, DELIVERIES.name),
}
"""What each service's group reads."""
LOOK = 0.25
STILL = 3
"""So many looks in a row without anything left to do."""


class Outside:
    """Clients of the bench, while the block runs."""

    def __init__(self, address: KafkaAddress, partitions: int) -> None:
        self._address, self._partitions = address, partitions
        given = address.asyncio_client()
        self._admin = AIOKafkaAdminClient(**{name: given[name] for name in ("bootstrap_servers", "client_id")})
        self._consumer = AIOKafkaConsumer(**given, group_id=None, enable_auto_commit=False)
        self.broker = KafkaBroker(address, partitions)

    async def __aenter__(self) -> Self:
        await self._admin.start()
        await self._consumer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._admin.close()
        await self._consumer.stop()
        await self.broker.close()

    async def ends(self, *topics: str) -> dict[tuple[str, int], int]:
        """The next offset of every partition."""
        where = {
            TopicPartition(self._address.prefix + topic, partition): (topic, partition)
            for topic in topics
            for partition in range(self._partitions)
        }
        ends = await self._consumer.end_offsets(list(where))
        return {place: ends[one] for one, place in where.items()}

    async def count(self, topic: str) -> int:
        """Records ever appended."""
        return sum((await self.ends(topic)).values())

    async def lag(self, service: str) -> int:
        """Records that group has not said it is past."""
        ends = await self.ends(*READS[service])
        group = KafkaGroup(self._address, service)
        said = await self._admin.list_consumer_group_offsets(group.name)
        past = {(group.ours(where.topic), where.partition): max(0, one.offset) for where, one in said.items()}
        return sum(max(0, end - past.get(place, 0)) for place, end in ends.items())

    async def given(self, service: str) -> int:
        """Records ever appended to what that group reads."""
        return sum((await self.ends(*READS[service])).values())

    async def lags(self) -> dict[str, int]:
        return {service: await self.lag(service) for service in READS}

    async def members(self, service: str) -> int:
        """How many the group has, each with its share; 0 while it deals."""
        try:
            (answer,) = await self._admin.describe_consumer_groups([KafkaGroup(self._address, service).name])
        except GroupCoordinatorNotAvailableError:
            return 0  # nobody ever asked this broker for a group
        (_, _, state, _, _, members, *_) = answer.groups[0]
        return len(members) if state == "Stable" else 0

    async def until_still(self, patience: float, services: Collection[str] = tuple(READS)) -> float:
        """Wait until these have nothing left to do; after how many seconds. Raises TimeoutError."""
        began, still = time.monotonic(), 0
        while still < STILL:
            busy = [service for service in services if await self.lag(service)]
            still = 0 if busy else still + 1
            if time.monotonic() - began > patience:
                raise TimeoutError(f"{', '.join(busy)} did not come to rest in {patience:.0f} seconds")
            await asyncio.sleep(LOOK)
        return max(0.0, time.monotonic() - began - STILL * LOOK)

    async def partition(self) -> int:
        """Where the one desk lies."""
        return max((count, place[1]) for place, count in (await self.ends(COMMANDS.name)).items())[1]

    async def received(self, wanted: Collection[str], message_of: Callable[[bytes], str]) -> Counter[str]:
        """How often facts say that each of these messages was received."""
        found, kind, partition, at = Counter[str](), MessageReceived.TYPE.encode(), await self.partition(), 0
        ids = set(wanted)
        end = (await self.ends(DESK.name))[DESK.name, partition]
        while at < end:
            records = await self.broker.read(DESK.name, partition, at, 2_000)
            for record in records:
                if dict(record.headers).get("ce_type") == kind and (one := message_of(record.value)) in ids:
                    found[one] += 1
            at = records[-1].offset + 1
        return found


async def until(condition: Callable[[], Awaitable[bool]], patience: float, look: float = 0.1) -> None:
    """Look again and again. Raises TimeoutError."""
    deadline = time.monotonic() + patience
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {patience:.0f} seconds in vain")
        await asyncio.sleep(look)
