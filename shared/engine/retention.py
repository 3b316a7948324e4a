"""What the log forgets: records with text, 14 days after they came, once nobody needs them to begin again."""

from collections.abc import Iterable

from shared.broker import BrokerUnavailable
from shared.catalogue.topics import TOPICS
from shared.clock import HOUR, Ms
from shared.engine.seat import Seat
from shared.logs import logger
from shared.service import Ports
from shared.worker import Worker

EVERY: Ms = HOUR


class Retention:
    """Trims the topics that are not kept for ever. Facts are: no topic of theirs is ever touched."""

    def __init__(self, ports: Ports, seats: Iterable[Seat]) -> None:
        self._broker, self._clock, self._seats = ports.broker, ports.clock, seats
        self._log = logger("retention")

    async def run(self) -> None:
        """Trim for ever."""
        while True:
            await self.trim()
            await self._clock.sleep(EVERY)

    async def trim(self) -> int:
        """Trim now; returns how many records are gone."""
        gone = 0
        for topic in TOPICS.values():
            if topic.kept is None:
                continue
            for partition in range(self._broker.partitions):
                try:
                    gone += await self._trim(topic.name, partition, self._clock.now() - topic.kept)
                except BrokerUnavailable:
                    continue
        if gone:
            self._log.info("records are past their time", count=gone)
        return gone

    async def _trim(self, topic: str, partition: int, before: Ms) -> int:
        first = (await self._broker.bounds(topic, partition)).first
        for worker in [seat.worker for seat in self._seats]:
            if (worker.topic, worker.partition) == (topic, partition):
                before = min(before, await self._needed(worker, before))
        return await self._broker.trim(topic, partition, before) - first

    async def _needed(self, worker: Worker, before: Ms) -> Ms:
        """The age of the record this worker would begin at after a crash, where that is older."""
        begins = await self._broker.read(worker.topic, worker.partition, worker.saved_position, 1)
        if begins and begins[0].appended_at < before:
            self._log.warning("a consumer still needs old records", consumer=worker.name, partition=worker.partition)
            return begins[0].appended_at
        return before
