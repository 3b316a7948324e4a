"""A bounded memory of ids: what was seen within a span of log time, the newest of a budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from shared.clock import Ms
from shared.tables import Table

MARK_BYTES = 11
"""88 bits of a hash stand for an id: among half a million, two agree by chance once in 10^15 desks."""
_WIDTH = 2 * MARK_BYTES
PAGE = 64


@dataclass(slots=True, kw_only=True)
class Page:
    """Marks of neighbours in time, in hexadecimal, with the newest one's time."""

    slot: int = -1
    at: Ms
    marks: str


def restore_page(saved: dict[str, Any]) -> Page:
    """A page as a checkpoint saved it."""
    return Page(**saved)


def _mark(name: str) -> str:
    return blake2b(name.encode(), digest_size=MARK_BYTES).hexdigest()


class Memory:
    """Forgets whole pages: those older than `span` (None: never), and the oldest when there are more than `budget`."""

    def __init__(self, span: Ms | None, budget: int) -> None:
        self.pages: Table[Page] = Table(restore_page)
        self.budget = budget
        self._span = span
        self._marks: set[int] = set()
        self._last: str | None = None

    def __len__(self) -> int:
        return len(self._marks)

    def __contains__(self, name: str) -> bool:
        return int(_mark(name), 16) in self._marks

    def add(self, name: str, at: Ms) -> None:
        """Remember; what is remembered already keeps its time."""
        mark = _mark(name)
        number = int(mark, 16)
        if number in self._marks:
            return
        self._marks.add(number)
        page = self.pages.get(self._last)
        if self._last is None or page is None or len(page.marks) >= PAGE * _WIDTH:
            self._last = str(self.pages.next_slot)
            self.pages.add(self._last, Page(at=at, marks=mark))
        else:
            page = self.pages.change(self._last)
            page.at, page.marks = at, page.marks + mark
        self._forget(at)

    def restore(self, rest: Mapping[str, Any]) -> None:
        """Derive the marks from the pages."""
        self._marks = {number for page in self.pages.values() for number in _numbers(page)}
        self._last = rest["last"]

    def rest(self) -> dict[str, Any]:
        """What the pages don't say."""
        return {"last": self._last}

    def _forget(self, at: Ms) -> None:
        while (oldest := next(iter(self.pages), self._last)) != self._last and oldest is not None:
            page = self.pages[oldest]
            if len(self._marks) <= self.budget and (self._span is None or page.at >= at - self._span):
                return
            self._marks.difference_update(_numbers(page))
            self.pages.remove(oldest)


def _numbers(page: Page) -> list[int]:
    return [int(page.marks[start : start + _WIDTH], 16) for start in range(0, len(page.marks), _WIDTH)]
