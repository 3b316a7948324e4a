"""Waiting work, grouped so that whoever can do one item of a queue can do every item of it."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from services.router.desk.needs import Needs
from shared.clock import Ms

SLACK = 64


class Sort(NamedTuple):
    """What decides who can do an item. `not_agent` has just passed on it."""

    team: str
    kind: str
    channel: str
    phase: str
    needs: Needs
    not_agent: str | None


class Queue:
    """A heap by queue key with lazy deletion: an entry counts only while its item still waits here under that key."""

    def __init__(self, sort: Sort, points: int, waits: Callable[[str, Ms, Sort], bool]) -> None:
        self.sort = sort
        self.points = points
        """What each item takes of whoever gets it, or ALL."""
        self.length = 0
        self.fits: dict[int, bool] = {}
        """Which kinds of members can do this, by number."""
        self.heap: list[tuple[Ms, str]] = []
        """Never empty while the queue has a length; its first entry is no later than the head."""
        self._waits = waits

    def enter(self, key: Ms, work: str) -> None:
        self.length += 1
        heappush(self.heap, (key, work))
        if len(self.heap) > 2 * self.length + SLACK:
            self._tidy()

    def leave(self) -> None:
        """One item waits here no longer; its entry is dropped when it is met."""
        self.length -= 1

    def head(self) -> tuple[Ms, str] | None:
        """Key and id of the item that goes first."""
        heap = self.heap
        while heap:
            key, work = heap[0]
            if self._waits(work, key, self.sort):
                return heap[0]
            heappop(heap)
        return None

    def waiting(self) -> list[str]:
        """The ids of all that waits here, in one order on every worker."""
        return sorted({work for key, work in self.heap if self._waits(work, key, self.sort)})

    def _tidy(self) -> None:
        self.heap = list({entry for entry in self.heap if self._waits(entry[1], entry[0], self.sort)})
        heapify(self.heap)
