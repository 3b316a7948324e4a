"""When the desk wants to look at its clock: one heap of due times, derived from the rows.

An entry counts only while its subject still is due at that time, so whoever moves a time just adds another entry.
"""

from collections.abc import Callable, Iterable, Mapping
from heapq import heapify, heappop, heappush

from shared.clock import Ms

Due = Callable[[str], Ms | None]
"""When the subject of this name is due; None: never."""


class Timers:
    """Due times by kind and name; of equal times the kind, then the name decides."""

    def __init__(self, due: Mapping[str, Due]) -> None:
        self._due = due
        self._heap: list[tuple[Ms, str, str]] = []

    @property
    def kinds(self) -> Iterable[str]:
        """Everything that can be due."""
        return self._due

    def set(self, kind: str, name: str) -> None:
        """The subject's due time may have changed."""
        at = self._due[kind](name)
        if at is not None:
            heappush(self._heap, (at, kind, name))

    def first(self) -> tuple[Ms, str, str] | None:
        """The earliest due time with its kind and name."""
        heap = self._heap
        while heap:
            at, kind, name = heap[0]
            if self._due[kind](name) == at:
                return heap[0]
            heappop(heap)
        return None

    def rebuild(self, names: Mapping[str, Iterable[str]]) -> None:
        """Forget all entries and look at every subject again."""
        found = ((self._due[kind](name), kind, name) for kind in names for name in names[kind])
        self._heap = [(at, kind, name) for at, kind, name in found if at is not None]
        heapify(self._heap)
