"""A second set of documents, beside the one that is shown."""

from collections.abc import AsyncIterator, Callable, Iterable

from services.gateway.handlers.projection import Projection, Projector
from services.gateway.store import REBUILT
from shared.broker import Broker
from shared.desks import DeskPlace
from shared.documents import Document, Documents, Put
from shared.emissions import Output
from shared.fold import Spoiled

RUN = 200
PAGE = 200
Place = tuple[str, str]
"""Collection and key."""


class Shadow:
    """The documents of one desk as they should be, folded from the first fact on."""

    def __init__(self, broker: Broker, documents: Documents, place: DeskPlace, projection: Projection) -> None:
        self._broker, self._documents, self._place, self._projection = broker, documents, place, projection
        self._condemned: set[int] = set()
        self.touched: set[Place] = set()
        self.fold = Projector(projection)
        self.position = 0

    async def clear(self) -> None:
        await self._documents.clear(REBUILT.name, self._place.id)

    async def read_to(self, end: int, tell: Callable[[int], None]) -> None:
        """Fold everything below `end`. A fact no row can take is left out, as the live worker leaves it out."""
        while self.position < end:
            try:
                await self._run(end)
            except Spoiled as spoiled:
                await self._begin_anew(spoiled.offset)
            tell(self.position)

    async def get_many(self, places: Iterable[Place]) -> dict[Place, Document]:
        keys = [_shadow_key(place) for place in places]
        found = await self._documents.of(self._place.id).get_many(REBUILT.name, keys)
        return dict(map(_shown, found.values()))

    async def pages(self) -> AsyncIterator[dict[Place, Document]]:
        """Every document, a page at a time."""
        documents, after = self._documents.of(self._place.id), None
        while True:
            page = await documents.page(REBUILT.name, after=after, limit=PAGE)
            yield dict(map(_shown, page.documents))
            after = page.next
            if after is None:
                return

    async def _run(self, end: int) -> None:
        topic, partition, key = self._projection.topic, self._place.partition, self._place.id.encode()
        records = await self._broker.read(topic, partition, self.position, min(RUN, end - self.position))
        outputs: list[Output] = []
        for record in records:
            outputs += self.fold.apply(record) if record.key == key else ()
        puts = [output for output in outputs if isinstance(output, Put)]
        self.touched.update((put.collection, put.key) for put in puts)
        shadows = [
            Put(REBUILT.name, put.desk, _shadow_key((put.collection, put.key)), put.seq, put.body, put.patch)
            for put in puts
        ]
        await self._documents.write(shadows)
        self.position = records[-1].offset + 1

    async def _begin_anew(self, condemned: int) -> None:
        self._condemned.add(condemned)
        self.fold, self.position = Projector(self._projection), 0
        for offset in self._condemned:
            self.fold.condemn(offset)
        await self.clear()


def _shadow_key(place: Place) -> str:
    return f"{place[0]}/{place[1]}"


def _shown(shadow: Document) -> tuple[Place, Document]:
    """The document under the place where it would be shown."""
    collection, _, key = shadow.key.partition("/")
    return (collection, key), Document(key, shadow.seq, shadow.body)
