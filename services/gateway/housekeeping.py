"""What is kept for a while only: outcomes, request digests, used links, ended sessions, dead letters that are settled."""

from collections.abc import Iterator

from services.gateway.store import REQUESTS, SESSIONS, SETTLED, SIGN_IN_REQUESTS, USED_LINKS
from shared.clock import DAY, HOUR, MINUTE, Clock, Ms
from shared.dead_letters import LETTERS, ORIGINALS
from shared.desks import INSTALLATION, Desks
from shared.documents import Documents, DocumentsUnavailable, Drop, Where

EVERY: Ms = HOUR
AGAIN: Ms = MINUTE
SETTLED_LETTERS: Ms = 14 * DAY
"""As long as the log keeps what customers wrote: their words are in dead letters too."""
REMEMBERED: Ms = 8 * DAY
"""As long as the desk remembers ids: so long a repeat under the same Idempotency-Key is recognised."""
MOST = 500


class Housekeeping:
    """Deletes what is past its time, a page after another."""

    def __init__(self, documents: Documents, desks: Desks, clock: Clock) -> None:
        self._documents, self._desks, self._clock = documents, desks, clock

    async def run(self) -> None:
        """Sweep for ever; what a store that is away did not let go goes a little later."""
        while True:
            try:
                await self.sweep()
            except DocumentsUnavailable:
                await self._clock.sleep(AGAIN)
            else:
                await self._clock.sleep(EVERY)

    async def sweep(self) -> int:
        """Delete what is past its time now; returns how much."""
        now, deleted = self._clock.now(), 0
        places = [place.id for place in await self._desks.all()]
        for desk, collection, field, before in _bounds(places, now):
            deleted += await self._delete(desk, collection, Where(field, "<", before))
        return deleted + await self._forget_letters(now - SETTLED_LETTERS)

    async def _forget_letters(self, before: Ms) -> int:
        """Those that were tried again or discarded, whole."""
        past = [Where("state", "in", ("redriven", "discarded")), Where("at", "<", before)]
        documents, deleted = self._documents.of(INSTALLATION), 0
        while letters := (await documents.page(LETTERS.name, where=past, limit=MOST)).documents:
            places = [(collection.name, letter.key) for letter in letters for collection in (ORIGINALS, LETTERS)]
            await self._documents.write([Drop(collection, INSTALLATION, key) for collection, key in places])
            deleted += len(letters)
        return deleted

    async def _delete(self, desk: str, collection: str, past: Where) -> int:
        deleted = 0
        while documents := (await self._documents.of(desk).page(collection, where=[past], limit=MOST)).documents:
            await self._documents.write([Drop(collection, desk, document.key) for document in documents])
            deleted += len(documents)
        return deleted


def _bounds(desks: list[str], now: Ms) -> Iterator[tuple[str, str, str, Ms]]:
    for desk in desks:
        for collection in (SETTLED, REQUESTS, SIGN_IN_REQUESTS):
            yield desk, collection.name, "at", now - REMEMBERED
    for collection in (SESSIONS, USED_LINKS):
        yield INSTALLATION, collection.name, "expires_at", now
