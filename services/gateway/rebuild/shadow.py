"""A second set of documents, beside the one that is shown."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterable

from services.gateway.handlers.projection import Projection, Projector
from services.gateway.store import REBUILT
from shared.broker import Broker
from shared.clock import DAY, Clock, Ms
from shared.desks import DeskPlace
from shared.documents import Body, Document, Documents, Drop, Put, Where, by
from shared.emissions import Output
from shared.fold import Spoiled

RUN = 200
PAGE = 500
"""Documents read at once: few calls, and still no pause that anybody feels."""
LONG_AGO = DAY
Place = tuple[str, str]
"""Collection and key."""


class Shadow:
    """The documents of one desk as they should be, folded from the first fact on."""

    def __init__(
        self, broker: Broker, documents: Documents, clock: Clock, place: DeskPlace, projection: Projection
    ) -> None:
        self._clock = clock
        # of its own: another process may rebuild the same at the same time
        self._id = f"{_begun(clock.now())}-{uuid.uuid4().hex}"
        self._broker, self._documents, self._place, self._projection = broker, documents, place, projection
        self._condemned: set[int] = set()
        self.touched: set[Place] = set()
        self.fold = Projector(projection)
        self.position = 0

    @property
    def mark(self) -> int:
        """The last fact that was folded."""
        line = self.fold.line_of(self._place.id)
        return line.mark if line else 0

    async def clear(self) -> None:
        """Forget this one, and what rebuilds left behind that were killed long ago."""
        desk = self._documents.of(self._place.id)
        for which in (by(rebuild=self._id), [Where("rebuild", "<", _begun(self._clock.now() - LONG_AGO))]):
            while found := (await desk.page(REBUILT.name, where=which, limit=PAGE)).documents:
                await self._documents.write([Drop(REBUILT.name, self._place.id, one.key) for one in found])

    async def read_to(self, end: int, tell: Callable[[int], None]) -> None:
        """Fold everything below `end`. A fact no row can take is left out, as the live worker leaves it out."""
        while self.position < end:
            try:
                await self._run(end)
            except Spoiled as spoiled:
                await self._begin_anew(spoiled.offset)
            tell(self.position)

    async def get_many(self, places: Iterable[Place]) -> dict[Place, Document]:
        keys = [self._key(place) for place in places]
        found = await self._documents.of(self._place.id).get_many(REBUILT.name, keys)
        return dict(map(_shown, found.values()))

    async def pages(self) -> AsyncIterator[dict[Place, Document]]:
        """Every document, a page at a time."""
        documents, after = self._documents.of(self._place.id), None
        while True:
            page = await documents.page(REBUILT.name, where=by(rebuild=self._id), after=after, limit=PAGE)
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
            Put(
                REBUILT.name, put.desk, self._key((put.collection, put.key)), put.seq, self._marked(put.body), put.patch
            )
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

    def _key(self, place: Place) -> str:
        return f"{self._id}/{place[0]}/{place[1]}"

    def _marked(self, body: Body) -> Body:
        return {**body, "rebuild": self._id}


def _begun(at: Ms) -> str:
    """In text, ordered as times are."""
    return f"{max(at, 0):016}"


def _shown(shadow: Document) -> tuple[Place, Document]:
    """The document under the place where it would be shown."""
    _, collection, key = shadow.key.split("/", 2)
    body = {name: value for name, value in shadow.body.items() if name != "rebuild"}
    return (collection, key), Document(key, shadow.seq, body)
