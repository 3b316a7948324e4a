"""Calls of this process that write the same document go one after another, in the order they were made."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager


class Lanes:
    """Who is under way for each document. Calls that share none run side by side."""

    def __init__(self) -> None:
        self._under_way: dict[str, set[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, documents: Collection[str]) -> AsyncIterator[None]:
        """Wait for all earlier calls that share a document; later ones wait for this one, also if it gives up."""
        mine = asyncio.get_running_loop().create_future()
        earlier: set[asyncio.Future[None]] = set()
        for one in documents:
            lane = self._under_way.setdefault(one, set())
            earlier |= lane
            lane.add(mine)
        try:
            if earlier:
                await asyncio.wait(earlier)
            yield
        finally:
            mine.set_result(None)
            for one in documents:
                lane = self._under_way[one]
                lane.discard(mine)
                if not lane:
                    del self._under_way[one]
