"""One rebuild of one desk's projection, from the first fact to documents as they should be.

The first comparison goes on beside the live worker; whatever looks different is looked at once more in the worker's own
turn, when both stand at the same fact.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from services.gateway.handlers.projection import Projection, Projector
from services.gateway.housekeeping import REMEMBERED
from services.gateway.rebuild.comparing import side_by_side
from services.gateway.rebuild.shadow import Place, Shadow
from services.gateway.store import MARKS, SETTLED
from shared.broker import Broker
from shared.clock import Clock
from shared.desks import DeskPlace
from shared.documents import PAGE, Collection, DeskDocuments, Document, Documents, Drop, Put, Write, all_of
from shared.stores.scratch import scratch
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
    """One rebuild of one desk's projection. What should be there lies on this machine meanwhile, below `folder`."""

    def __init__(
        self,
        broker: Broker,
        documents: Documents,
        turns: Turns,
        clock: Clock,
        folder: Path,
        place: DeskPlace,
        projection: Projection,
    ) -> None:
        self._broker, self._documents, self._turns, self._clock = broker, documents, turns, clock
        self._folder = folder
        self.place, self.projection = place, projection
        self.result = Result()

    async def run(self) -> None:
        """Do it. Raises KeyError: this process does not write that projection; what stores raise."""
        names = (*self.projection.collections, MARKS.name)
        async with scratch(self._folder, [Collection(name) for name in names]) as own:
            await self._run(Shadow(self._broker, own, self.place, self.projection, self._ours))

    def _ours(self) -> bool:
        return self._turns.has(self.projection.name, self.place.partition)

    async def _run(self, shadow: Shadow) -> None:
        projection, partition = self.projection, self.place.partition
        self.result.end = (await self._broker.bounds(projection.topic, partition)).next
        async for _ in shadow.read_to(self.result.end):
            self._tell(shadow)
        suspects = await self._compare(shadow)
        async with self._turns.hold(projection.name, partition) as writer:
            async for touched in shadow.read_to(writer.position):
                suspects |= touched
                self._tell(shadow)
            await self._put_right(shadow, suspects)
            if isinstance(writer.fold, Projector):
                writer.fold.adopt(self.place.id, shadow.fold)

    def _tell(self, shadow: Shadow) -> None:
        self.result.read = shadow.position
        self.result.end = max(self.result.end, shadow.position)

    async def _compare(self, shadow: Shadow) -> set[Place]:
        """Places whose documents differ; some only because the live worker has gone on meanwhile, as its mark always may."""
        shown = self._documents.of(self.place.id)
        suspects: set[Place] = {(MARKS.name, self.projection.topic)}
        for collection in self.projection.collections:
            pairs = side_by_side(all_of(shadow.documents, collection), all_of(shown, collection))
            async for key, (expected, found) in pairs:
                self.result.documents += expected is not None
                if expected != found:
                    suspects.add((collection, key))
        return suspects

    async def _put_right(self, shadow: Shadow, suspects: set[Place]) -> None:
        """Where the log has gone on, a document beyond our last fact may be the work of whoever took over: left as it is."""
        known = shadow.mark
        ordered = sorted(suspects)
        for begin in range(0, len(ordered), PAGE):
            places = ordered[begin : begin + PAGE]
            expected = await _found(shadow.documents, places)
            shown = await _found(self._documents.of(self.place.id), places)
            # asked for each page, and after the look: somebody may take over between any two of them
            end = (await self._broker.bounds(self.projection.topic, self.place.partition)).next
            alone = end <= shadow.position
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


async def _found(documents: DeskDocuments, places: Iterable[Place]) -> dict[Place, Document]:
    """What there is of these."""
    found: dict[Place, Document] = {}
    for collection, group in groupby(sorted(places), key=lambda place: place[0]):
        some = await documents.get_many(collection, [key for _, key in group])
        found |= {(collection, key): document for key, document in some.items()}
    return found
