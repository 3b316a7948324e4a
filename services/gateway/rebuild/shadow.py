"""A second set of documents, beside the one that is shown."""

from collections.abc import AsyncIterator, Callable

from services.gateway.handlers.projection import Projection, Projector
from services.gateway.store import MARKS
from shared.broker import Broker
from shared.desks import DeskPlace
from shared.documents import Documents, Put, lasting
from shared.emissions import Output
from shared.fold import Spoiled

RUN = 200
Place = tuple[str, str]
"""Collection and key."""


class Shadow:
    """The documents of one desk as they should be, folded from the first fact on into a store of their own."""

    def __init__(
        self,
        broker: Broker,
        documents: Documents,
        place: DeskPlace,
        projection: Projection,
        ours: Callable[[], bool],
    ) -> None:
        self._broker, self._documents, self._place, self._projection = broker, documents, place, projection
        self._ours = ours
        self._condemned: set[int] = set()
        self.documents = documents.of(place.id)
        self.fold = Projector(projection)
        self.position = 0

    @property
    def mark(self) -> int:
        """The last fact that was folded."""
        line = self.fold.line_of(self._place.id)
        return line.mark if line else 0

    async def read_to(self, end: int) -> AsyncIterator[set[Place]]:
        """Fold everything below `end`: after each run, where it wrote. A fact no row can take is left out, as the live
        worker leaves it out. Raises KeyError: the partition is not ours any more, reading on would bring it back here."""
        while self.position < end:
            if not self._ours():
                raise KeyError(self._place.id)
            try:
                touched = await self._run(end)
            except Spoiled as spoiled:
                await self._begin_anew(spoiled.offset)
                continue
            yield touched

    async def _run(self, end: int) -> set[Place]:
        topic, partition, key = self._projection.topic, self._place.partition, self._place.id.encode()
        records = await self._broker.read(topic, partition, self.position, min(RUN, end - self.position))
        outputs: list[Output] = []
        for record in records:
            outputs += self.fold.apply(record) if record.key == key else ()
        puts = [output for output in outputs if isinstance(output, Put)]
        await self._documents.write(lasting(puts))
        self.position = records[-1].offset + 1
        return {(put.collection, put.key) for put in puts}

    async def _begin_anew(self, condemned: int) -> None:
        self._condemned.add(condemned)
        self.fold, self.position = Projector(self._projection), 0
        for offset in self._condemned:
            self.fold.condemn(offset)
        for collection in (*self._projection.collections, MARKS.name):
            await self._documents.clear(collection)
