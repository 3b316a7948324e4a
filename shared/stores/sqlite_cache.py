"""Documents lately written or read, so that a point read of a hot one costs no thread and no SQL."""

from collections import OrderedDict
from collections.abc import Mapping
from enum import Enum
from threading import Lock
from typing import Final, Literal

from shared.stores.sqlite_table import Id, Stored

CACHE_BYTES = 48 << 20
ENTRY_BYTES = 64 << 10
OVERHEAD = 500  # what an entry costs in memory beside its body, about
STRIPES = 1 << 10


class Unknown(Enum):
    """Not in memory: look into the file. None means it is known not to exist."""

    UNKNOWN = 0


UNKNOWN: Final = Unknown.UNKNOWN
Known = Stored | None | Literal[Unknown.UNKNOWN]


class Cache:
    """Only what is committed. The writer stores after each commit; readers add what they found, unless it was overtaken.

    A reader's answer may be older than a commit that came meanwhile: `version` is taken before reading and compared
    when filling, so a stale document never enters.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[Id, Stored | None] = OrderedDict()
        self._versions = [0] * STRIPES
        self._size = 0
        self._lock = Lock()

    def get(self, one: Id) -> Known:
        """The committed document, None when there is none, or UNKNOWN."""
        with self._lock:
            found = self._entries.get(one, UNKNOWN)
            if found is not UNKNOWN:
                self._entries.move_to_end(one)
            return found

    def version(self, one: Id) -> int:
        """Changes whenever the document may have changed."""
        return self._versions[hash(one) % STRIPES]

    def fill(self, one: Id, stored: Stored | None, version: int) -> None:
        """Add what was read from the file after `version` was taken."""
        with self._lock:
            if version == self._versions[hash(one) % STRIPES]:
                self._enter(one, stored)

    def update(self, written: Mapping[Id, Stored | None]) -> None:
        """Take over a commit."""
        with self._lock:
            for one, stored in written.items():
                self._versions[hash(one) % STRIPES] += 1
                self._enter(one, stored)

    def clear(self) -> None:
        """Forget everything, also what readers are about to bring."""
        with self._lock:
            self._versions = [version + 1 for version in self._versions]
            self._entries.clear()
            self._size = 0

    def _enter(self, one: Id, stored: Stored | None) -> None:
        if one in self._entries:
            self._size -= _weight(self._entries.pop(one))
        weight = _weight(stored)
        # What is bytes (checkpoints, blobs) is written once and read rarely; it would push out what is hot.
        if weight > ENTRY_BYTES or (stored and stored.content is not None):
            return
        self._entries[one] = stored
        self._size += weight
        while self._size > CACHE_BYTES:
            self._size -= _weight(self._entries.popitem(last=False)[1])


def _weight(stored: Stored | None) -> int:
    return OVERHEAD + (stored.size if stored else 0)
