"""One rebuild of one desk's projection, from the first fact to documents as they should be.

The first comparison goes on beside the live worker; whatever looks different is looked at once more in the worker's own
turn, when both stand at the same fact.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import groupby

from services.gateway.handlers.projection import Projection, Projector
from services.gateway.housekeeping import REMEMBERED
from services.gateway.rebuild.shadow import PAGE, Place, Shadow
from services.gateway.store import SETTLED
from shared.broker import Broker
from shared.clock import Clock
from shared.desks import DeskPlace
from shared.documents import Document, Documents, Drop, Put, Write
from shared.turns import Turns


@dataclass(slots=True)
class Result:
    """How far it is, and what was found: documents that were wrong, missing, or should not be there."""

    read: int = 0
    end: int = 0
    documents: int = 0
    wrong: int = 0
    missing: int = 0
    extra: int = 0


class Rebuild:
    """One rebuild of one desk's projection, from the first fact to documents as they should be."""

    def __init__(
        self, broker: Broker, documents: Documents, turns: Turns, clock: Clock, place: DeskPlace, projection: Projection
    ) -> None:
        self._broker, self._documents, self._turns, self._clock = broker, documents, turns, clock
        self.place, self.projection = place, projection
        self._shadow = Shadow(broker, documents, clock, place, projection)
        self.result = Result()

    async def run(self) -> None:
        """Do it. Raises KeyError: this process does not write that projection; what stores raise."""
        shadow, projection, partition = self._shadow, self.projection, self.place.partition
        await shadow.clear()
        try:
            self.result.end = (await self._broker.bounds(projection.topic, partition)).next
            await shadow.read_to(self.result.end, self._tell)
            shadow.touched.clear()
            suspects = await self._compare()
            async with self._turns.hold(projection.name, partition) as writer:
                await shadow.read_to(writer.position, self._tell)
                end = (await self._broker.bounds(projection.topic, partition)).next
                await self._put_right(suspects | shadow.touched, alone=end <= shadow.position)
                if isinstance(writer.fold, Projector):
                    writer.fold.adopt(self.place.id, shadow.fold)
        finally:
            await shadow.clear()

    def _tell(self, position: int) -> None:
        self.result.read = position
        self.result.end = max(self.result.end, position)

    async def _compare(self) -> set[Place]:
        """Places whose documents differ; some only because the live worker has gone on meanwhile."""
        suspects: set[Place] = set()
        async for expected in self._shadow.pages():
            shown = await self._shown(expected)
            suspects |= {place for place in expected if shown.get(place) != expected[place]}
            self.result.documents += len(expected)
        for collection in self.projection.collections:
            async for places in self._pages(collection):
                suspects |= set(places) - (await self._shadow.get_many(places)).keys()
        return suspects

    async def _put_right(self, suspects: set[Place], *, alone: bool) -> None:
        """Unless `alone`, a document beyond our last fact may be the work of whoever took over meanwhile: left as it is."""
        known = self._shadow.mark
        ordered = sorted(suspects)
        for begin in range(0, len(ordered), PAGE):
            places = ordered[begin : begin + PAGE]
            expected, shown = await self._shadow.get_many(places), await self._shown(places)
            judged = [place for place in places if alone or place not in shown or shown[place].seq <= known]
            await self._documents.write(
                [write for place in judged for write in self._repair(place, expected.get(place), shown.get(place))]
            )

    def _repair(self, place: Place, expected: Document | None, shown: Document | None) -> list[Write]:
        collection, key = place
        if expected is None:
            self.result.extra += shown is not None
            return [Drop(collection, self.place.id, key, over=shown.seq)] if shown else []
        forgotten = collection == SETTLED.name and expected.body["at"] < self._clock.now() - REMEMBERED
        if expected == shown or (shown is None and forgotten):
            return []
        self.result.wrong += shown is not None
        self.result.missing += shown is None
        over = shown.seq if shown else None
        return [Put(collection, self.place.id, key, expected.seq, expected.body, over=over)]

    async def _shown(self, places: Iterable[Place]) -> dict[Place, Document]:
        documents = self._documents.of(self.place.id)
        found: dict[Place, Document] = {}
        for collection, group in groupby(sorted(places), key=lambda place: place[0]):
            shown = await documents.get_many(collection, [key for _, key in group])
            found |= {(collection, key): document for key, document in shown.items()}
        return found

    async def _pages(self, collection: str) -> AsyncIterator[list[Place]]:
        documents, after = self._documents.of(self.place.id), None
        while True:
            page = await documents.page(collection, after=after, limit=PAGE)
            yield [(collection, document.key) for document in page.documents]
            after = page.next
            if after is None:
                return
