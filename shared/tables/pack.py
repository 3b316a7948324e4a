"""Packs: neighbouring rows with their keys, at rest in memory or in a checkpoint."""

from collections.abc import Iterable, Iterator, Sequence
from sys import intern
from typing import Any, Generic, TypeVar

import orjson

from shared.tables.columns import pack_column, read_column
from shared.tables.shape import Nested, Shape

R = TypeVar("R")


class Pack(Generic[R]):
    """Rows that are made again when they are asked for. Nothing in it ever changes."""

    def __init__(self, keys: list[str], rows: Nested[R]) -> None:
        self.keys, self._rows = keys, rows
        self.row = rows.at

    @classmethod
    def of(cls, shape: Shape[R], keys: list[str], rows: Sequence[R]) -> "Pack[R]":
        """These rows, packed."""
        return cls(keys, Nested(shape, shape.columns(rows)))

    @classmethod
    def read(cls, shape: Shape[R], content: bytes) -> "Pack[R]":
        """What `dump` gave, or a checkpoint of format 1: keys with rows."""
        saved = orjson.loads(content)
        if isinstance(saved, list):
            return cls.of(shape, [key for key, _ in saved], [shape.restore(fields) for _, fields in saved])
        length = saved["length"]
        # several tables of a process know a ticket by its id: as one object
        keys = [intern(key) for key in read_column(saved["keys"], length).values()]
        return cls(keys, Nested(shape, shape.read_columns(saved["rows"], length)))

    def dump(self) -> bytes:
        """As JSON."""
        keys = pack_column(self.keys).saved()
        return orjson.dumps({"length": len(self.keys), "keys": keys, **self._rows.saved()})

    def rows(self) -> Iterable[R]:
        """All rows."""
        return self._rows.values()

    def select(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Key and these fields of all rows."""
        return zip(self.keys, *self._rows.select(names), strict=True)

    def value(self, name: str, place: int) -> Any:
        """One field of one row."""
        return self._rows.value(name, place)
