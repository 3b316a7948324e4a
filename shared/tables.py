"""Tables of a desk's state that can be saved while work goes on.

A table saves by bucket of neighbours in order of arrival. A save freezes the buckets that changed and writes them one
by one; whoever changes a row of a bucket not yet written writes that bucket first (copy on write). So a save of
100,000 tickets never stops the desk for longer than one bucket takes.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

import orjson

BUCKET = 256


class Row(Protocol):
    """A row knows its place in the order of arrival."""

    slot: int


R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """Rows by key, in order of arrival. Read with [], change only what `change` returned."""

    def __init__(self, restore: Callable[[dict[str, Any]], R]) -> None:
        self._restore = restore
        self._rows: dict[str, R] = {}
        self._buckets: dict[int, list[str]] = {}
        self._next_slot = 0
        self._dirty: set[int] = set()
        self._frozen: set[int] = set()
        self._written: dict[int, bytes | None] = {}

    def __getitem__(self, key: str) -> R:
        return self._rows[key]

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def get(self, key: str | None) -> R | None:
        return None if key is None else self._rows.get(key)

    def values(self) -> Iterable[R]:
        return self._rows.values()

    def items(self) -> Iterable[tuple[str, R]]:
        return self._rows.items()

    def add(self, key: str, row: R) -> R:
        """A new row; its slot is set here."""
        row.slot = self._next_slot
        bucket = row.slot // BUCKET
        self._touch(bucket)
        self._next_slot += 1
        self._rows[key] = row
        self._buckets.setdefault(bucket, []).append(key)
        return row

    def change(self, key: str) -> R:
        """The row, to be changed by the caller now."""
        row = self._rows[key]
        self._touch(row.slot // BUCKET)
        return row

    def remove(self, key: str) -> None:
        """Forget a row."""
        bucket = self._rows[key].slot // BUCKET
        self._touch(bucket)
        del self._rows[key]
        keys = self._buckets[bucket]
        keys.remove(key)
        if not keys:
            del self._buckets[bucket]

    def keys(self, bucket: int) -> tuple[str, ...]:
        """The keys of one bucket of neighbours, in order of arrival: for walking a table a slice at a time."""
        return tuple(self._buckets.get(bucket, ()))

    def key_of(self, slot: int) -> str | None:
        """Whose slot this is, as long as the row is there."""
        keys, rows = self._buckets.get(slot // BUCKET, []), self._rows
        place = bisect_left(keys, slot, key=lambda key: rows[key].slot)
        return keys[place] if place < len(keys) and rows[keys[place]].slot == slot else None

    def freeze(self) -> list[int]:
        """Begin a save: the buckets as of now. `write` each of them; those it answers None for are as saved before."""
        self._frozen, self._dirty = self._dirty, set()
        self._written = {}
        return sorted(self._buckets)

    def write(self, bucket: int) -> bytes | None:
        """The bucket as of `freeze`, or None where it has not changed since the save before."""
        if bucket in self._written:
            return self._written.pop(bucket)
        if bucket not in self._frozen:
            return None
        self._frozen.discard(bucket)
        return self._dump(bucket)

    def soil(self) -> None:
        """Forget that anything was ever saved: the next save writes all."""
        self._dirty = set(self._buckets)
        self._frozen, self._written = set(), {}

    def load(self, content: bytes) -> None:
        """Take in a bucket; buckets must come in ascending order."""
        for key, fields in orjson.loads(content):
            row = self._restore(fields)
            self._rows[key] = row
            self._buckets.setdefault(row.slot // BUCKET, []).append(key)
            self._next_slot = max(self._next_slot, row.slot + 1)

    @property
    def next_slot(self) -> int:
        return self._next_slot

    @next_slot.setter
    def next_slot(self, slot: int) -> None:
        # the last rows may have been removed: their slots are not given again
        self._next_slot = max(self._next_slot, slot)

    def _touch(self, bucket: int) -> None:
        if bucket in self._frozen:
            self._frozen.discard(bucket)
            self._written[bucket] = self._dump(bucket)
        self._dirty.add(bucket)

    def _dump(self, bucket: int) -> bytes:
        rows = self._rows
        return orjson.dumps([(key, rows[key]) for key in self._buckets.get(bucket, ())])
