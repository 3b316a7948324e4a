"""A bounded memory of ids: what was seen within a span of log time, the newest of a budget."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from shared.clock import Ms
from shared.tables import Shape, Table

MARK_BYTES = 8
"""64 bits of a hash stand for an id: among half a million, two agree by chance on one desk in 10^8."""
WIDTH = 2 * MARK_BYTES
PAGE = 64
SHARDS = 512
PAGES_PER_SPAN = 8
"""A page covers an eighth of the span at most, so nothing is remembered much longer than it should be."""


@dataclass(slots=True, kw_only=True)
class Page:
    """Marks of neighbours in time, in hexadecimal; `began` with the oldest, the newest came `at`."""

    slot: int = -1
    began: Ms
    at: Ms
    marks: str


PAGE_SHAPE = Shape(Page)


class Marks:
    """A set of 64-bit numbers in about nine bytes each: sorted arrays, sharded by the lowest bits."""

    def __init__(self, marks: Iterable[int] = ()) -> None:
        shards: dict[int, set[int]] = {}
        for mark in marks:
            shards.setdefault(mark % SHARDS, set()).add(mark)
        self._shards = {shard: array("Q", sorted(found)) for shard, found in shards.items()}
        self._length = sum(map(len, shards.values()))

    def __len__(self) -> int:
        return self._length

    def __contains__(self, mark: int) -> bool:
        shard = self._shards.get(mark % SHARDS)
        if shard is None:
            return False
        place = bisect_left(shard, mark)
        return place < len(shard) and shard[place] == mark

    def add(self, mark: int) -> bool:
        """Whether it was new."""
        shard = self._shards.setdefault(mark % SHARDS, array("Q"))
        place = bisect_left(shard, mark)
        if place < len(shard) and shard[place] == mark:
            return False
        shard.insert(place, mark)
        self._length += 1
        return True

    def discard(self, mark: int) -> None:
        shard = self._shards[mark % SHARDS]
        del shard[bisect_left(shard, mark)]
        self._length -= 1


class Memory:
    """Forgets whole pages: those older than `span` (None: never), and the oldest as long as `budget` ids remain."""

    def __init__(self, span: Ms | None, budget: int) -> None:
        self.pages: Table[Page] = Table(PAGE_SHAPE)
        self.budget = budget
        self._span = span
        self._marks = Marks()
        self._last: str | None = None

    def __len__(self) -> int:
        return len(self._marks)

    def __contains__(self, name: str) -> bool:
        return int(_mark(name), 16) in self._marks

    def add(self, name: str, at: Ms) -> None:
        """Remember; what is remembered already keeps its time."""
        mark = _mark(name)
        if not self._marks.add(int(mark, 16)):
            return
        last = self._last
        if last is None or self._is_full(self.pages[last], at):
            self._last = str(self.pages.next_slot)
            self.pages.add(self._last, Page(began=at, at=at, marks=mark))
            self.forget(at)
        else:
            page = self.pages.change(last)
            page.at, page.marks = at, page.marks + mark

    def forget(self, at: Ms) -> None:
        """Let go of what is too old or too much by now. Looked at once a page, so a page too much is possible."""
        while (oldest := next(iter(self.pages), None)) is not None:
            page = self.pages[oldest]
            too_old = self._span is not None and page.at < at - self._span
            too_much = len(self._marks) - len(page.marks) // WIDTH >= self.budget and oldest != self._last
            if not too_old and not too_much:
                return
            for number in _numbers(page):
                self._marks.discard(number)
            self.pages.remove(oldest)
            self._last = None if oldest == self._last else self._last

    def _is_full(self, page: Page, at: Ms) -> bool:
        if len(page.marks) >= PAGE * WIDTH:
            return True
        return self._span is not None and at - page.began >= self._span // PAGES_PER_SPAN

    def rest(self) -> dict[str, Any]:
        """What the pages don't say."""
        return {"last": self._last}

    def restore(self, rest: Mapping[str, Any]) -> None:
        """Derive the marks from the pages."""
        self._marks = Marks(number for page in self.pages.values() for number in _numbers(page))
        self._last = rest["last"]


def _mark(name: str) -> str:
    return blake2b(name.encode(), digest_size=MARK_BYTES).hexdigest()


def _numbers(page: Page) -> Iterator[int]:
    return (int(page.marks[start : start + WIDTH], 16) for start in range(0, len(page.marks), WIDTH))
