"""What a process knows of the topics it uses: that they are there, whole, and the same as when it began."""

import asyncio
from collections.abc import Set as AbstractSet

from shared.broker import WrongLog
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin, TopicShape
from shared.clock import SECOND, Ms

LOOKS = 10
BETWEEN: Ms = SECOND // 2
"""A topic made a moment ago may be unknown to the node that is asked, any topic to one that came back a moment ago."""


class Topics:
    """Asks the cluster once for all topics, then remembers."""

    def __init__(self, address: KafkaAddress, partitions: int) -> None:
        self._address, self._partitions = address, partitions
        self._known: dict[str, TopicShape] = {}
        self._looking = asyncio.Lock()

    async def shape(self, topic: str) -> TopicShape:
        """Raises WrongLog where the topic is missing or has another number of partitions; BrokerUnavailable."""
        if topic not in self._known:
            async with self._looking:
                if topic not in self._known:
                    self._known = {**await self._look_for({topic}), **self._known}
        if topic not in self._known:
            raise WrongLog(f"topic {self._address.prefix}{topic} is not there; make it: python -m services topics")
        shape = self._known[topic]
        if shape.partitions != self._partitions:
            raise WrongLog(
                f"topic {self._address.prefix}{topic} has {shape.partitions} partitions, the settings say"
                f" {self._partitions}: it is fixed at install"
            )
        return shape

    async def check(self) -> None:
        """Raises WrongLog where a topic in use is gone or was created anew; BrokerUnavailable."""
        found = await self._look_for(self._known.keys())
        for name, known in self._known.items():
            if name not in found or found[name].id != known.id:
                raise WrongLog(
                    f"topic {self._address.prefix}{name} was deleted or created anew while it was in use: its history is"
                    " gone; put it back, or open a new installation and import the desk there from its last export"
                )

    async def _look_for(self, topics: AbstractSet[str]) -> dict[str, TopicShape]:
        """What the cluster has, asked again for a while where one of these is missing."""
        found = await self.look()
        for _ in range(LOOKS - 1):
            if topics <= found.keys():
                break
            await asyncio.sleep(BETWEEN / SECOND)
            found = await self.look()
        return found

    async def look(self) -> dict[str, TopicShape]:
        """What the cluster has now."""
        return await asyncio.to_thread(self._look)

    def _look(self) -> dict[str, TopicShape]:
        with KafkaAdmin(self._address) as admin:
            return admin.topics()
