"""Tables of a desk's state that can be saved while work goes on.

A table saves by bucket of neighbours in order of arrival. A save freezes the buckets that changed and writes them one
by one; whoever changes a row of a bucket not yet written writes that bucket first (copy on write). So a save of
100,000 tickets never stops the desk for longer than one bucket takes.

Rows of a resting table are packed when they are no longer among the newest, or their bucket is saved, and made again
when somebody asks for them: of 100,000 tickets few are looked at within a minute.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from sys import intern
from typing import Any, Generic, Protocol, TypeVar

from shared.tables.pack import Pack
from shared.tables.shape import Shape

BUCKET = 256
NEWEST = 2
"""Buckets that stay awake until they are saved: what has just come is what is asked for."""


class Row(Protocol):
    """A row knows its place in the order of arrival."""

    slot: int


R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """Rows by key, in order of arrival. Read with [], change only what `change` returned.

    Between two slices of a save, and two calls of `rest`, a row is one object. Nobody keeps a row of a `resting` table for
    longer than that.
    """

    def __init__(self, shape: Shape[R], *, resting: bool = False) -> None:
        self._shape, self._resting = shape, resting
        self._rows: dict[str, R | Pack[R]] = {}
        self._buckets: dict[int, list[str]] = {}
        self._packs: dict[int, Pack[R]] = {}
        """By bucket; only of buckets in which nothing has changed since."""
        self._woken: set[int] = set()
        """Buckets with rows that were packed and have been asked for."""
        self._rested = 0
        """Buckets below have been packed once."""
        self._next_slot = 0
        self._dirty: set[int] = set()
        self._frozen: set[int] = set()
        self._written: dict[int, bytes | None] = {}

    def __getitem__(self, key: str) -> R:
        row = self._rows[key]
        if isinstance(row, Pack):
            row = self._rows[key] = row.row(row.keys.index(key))
            self._woken.add(row.slot // BUCKET)
        return row

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def get(self, key: str | None) -> R | None:
        return self[key] if key is not None and key in self._rows else None

    def value(self, key: str, name: str) -> Any:
        """One field of a row; a packed one stays packed."""
        row = self._rows[key]
        return row.value(name, row.keys.index(key)) if isinstance(row, Pack) else getattr(row, name)

    def values(self) -> Iterable[R]:
        """Every row, to be read at once: packed ones are made for this reader only."""
        return map(self._peek, self._rows)

    def items(self) -> Iterable[tuple[str, R]]:
        """Keys with rows, as `values` gives them."""
        return ((key, self._peek(key)) for key in self._rows)

    def select(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Key and these fields of every row, in order of arrival; packed rows need not be made for it."""
        for bucket in sorted(self._buckets):
            yield from self._pack(bucket).select(names)

    def add(self, key: str, row: R) -> R:
        """A new row; its slot is set here."""
        row.slot = self._next_slot
        bucket = row.slot // BUCKET
        self._touch(bucket)
        self._next_slot += 1
        key = intern(key)
        self._rows[key] = row
        self._buckets.setdefault(bucket, []).append(key)
        return row

    def change(self, key: str) -> R:
        """The row, to be changed by the caller now."""
        row = self[key]
        self._touch(row.slot // BUCKET)
        return row

    def remove(self, key: str) -> None:
        """Forget a row."""
        bucket = self[key].slot // BUCKET
        self._touch(bucket)
        del self._rows[key]
        # a new list: packed neighbours are found by their place in the former one
        self._buckets[bucket] = [other for other in self._buckets[bucket] if other != key]
        if not self._buckets[bucket]:
            del self._buckets[bucket]

    @property
    def buckets(self) -> int:
        """All buckets there were, also those that are empty by now."""
        return -(-self._next_slot // BUCKET)

    def keys(self, bucket: int) -> tuple[str, ...]:
        """The keys of one bucket of neighbours, in order of arrival: for walking a table a slice at a time."""
        return tuple(self._buckets.get(bucket, ()))

    def key_of(self, slot: int) -> str | None:
        """Whose slot this is, as long as the row is there."""
        keys = self._buckets.get(slot // BUCKET, [])
        # nearly always nobody has left before it
        place = min(slot % BUCKET, len(keys) - 1)
        if place >= 0 and self._slot(keys[place]) != slot:
            place = bisect_left(keys, slot, hi=place, key=self._slot)
        return keys[place] if place >= 0 and self._slot(keys[place]) == slot else None

    def freeze(self) -> list[int]:
        """Begin a save: the buckets as of now. `write` each of them; those it answers None for are as saved before."""
        self._frozen, self._dirty = self._dirty, set()
        self._written = {}
        return sorted(self._buckets)

    def write(self, bucket: int) -> bytes | None:
        """The bucket as of `freeze`, or None where it has not changed since the save before."""
        if bucket in self._written:
            return self._written.pop(bucket)
        content = None
        if bucket in self._frozen:
            self._frozen.discard(bucket)
            pack = self._pack(bucket)
            content = pack.dump()
            if self._resting:
                self._packs[bucket] = pack
                self._woken.add(bucket)
        self._lay_down(bucket)
        return content

    def rest(self) -> None:
        """Pack one bucket that has never been, if there is one beyond the newest."""
        bucket = self._rested
        if not self._resting or bucket + NEWEST >= self._next_slot // BUCKET:
            return
        self._rested += 1
        if bucket in self._buckets and bucket not in self._packs:
            self._packs[bucket] = self._pack(bucket)
            self._woken.add(bucket)
        self._lay_down(bucket)

    def soil(self) -> None:
        """Forget that anything was ever saved: the next save writes all."""
        self._dirty = set(self._buckets)
        self._frozen, self._written = set(), {}

    def load(self, content: bytes) -> None:
        """Take in a bucket; buckets must come in ascending order."""
        pack = Pack.read(self._shape, content)
        slots = [slot for _, slot in pack.select(("slot",))]
        bucket = slots[0] // BUCKET
        self._buckets[bucket] = pack.keys
        self._next_slot = max(self._next_slot, slots[-1] + 1)
        if self._resting:
            self._packs[bucket], self._rested = pack, bucket + 1
            self._rows.update(dict.fromkeys(pack.keys, pack))
        else:
            self._rows.update(zip(pack.keys, pack.rows(), strict=True))

    @property
    def next_slot(self) -> int:
        return self._next_slot

    @next_slot.setter
    def next_slot(self, slot: int) -> None:
        # the last rows may have been removed: their slots are not given again
        self._next_slot = max(self._next_slot, slot)

    def _peek(self, key: str) -> R:
        row = self._rows[key]
        return row.row(row.keys.index(key)) if isinstance(row, Pack) else row

    def _slot(self, key: str) -> int:
        slot: int = self.value(key, "slot")
        return slot

    def _lay_down(self, bucket: int) -> None:
        """Its rows are those of its pack again."""
        if bucket in self._woken and bucket in self._packs:
            self._woken.discard(bucket)
            self._rows.update(dict.fromkeys(self._buckets[bucket], self._packs[bucket]))

    def _touch(self, bucket: int) -> None:
        if bucket in self._frozen:
            self._frozen.discard(bucket)
            self._written[bucket] = self._pack(bucket).dump()
        self._dirty.add(bucket)
        self._packs.pop(bucket, None)

    def _pack(self, bucket: int) -> Pack[R]:
        keys = self._buckets.get(bucket, [])
        return self._packs.get(bucket) or Pack.of(self._shape, keys, [*map(self._peek, keys)])
