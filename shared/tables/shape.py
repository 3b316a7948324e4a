"""Shapes: how rows of one kind become columns and rows again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any, Generic, TypeVar

from shared.tables.columns import Column, Reader, Runs, Same, pack_column, plain, read_column

R = TypeVar("R")


class Shape(Generic[R]):
    """The fields of a dataclass. `read` makes a field's value from its JSON where that is no plain word, number or
    tuple of such; `parts` says which fields are tuples of rows with a shape of their own."""

    def __init__(
        self, row: type[R], read: Mapping[str, Reader] | None = None, parts: "Mapping[str, Shape[Any]] | None" = None
    ) -> None:
        self.row: Callable[..., R] = row
        self.names = tuple(field.name for field in fields(row))  # type: ignore[arg-type] # a dataclass; no type says so
        self.read = read or {}
        self.parts = parts or {}
        self.take: Callable[[R], tuple[Any, ...]] = attrgetter(*self.names)

    def columns(self, rows: Sequence[R]) -> dict[str, Column]:
        """The rows field by field."""
        values = zip(*map(self.take, rows), strict=True) if rows else [()] * len(self.names)
        return {name: self._column(name, each) for name, each in zip(self.names, values, strict=True)}

    def _column(self, name: str, values: tuple[Any, ...]) -> Column:
        part = self.parts.get(name)
        if part is None:
            return pack_column(values, opaque=name in self.read)
        return Runs(accumulate(map(len, values)), Nested(part, part.columns([*chain.from_iterable(values)])))

    def read_columns(self, saved: Mapping[str, Any], length: int) -> dict[str, Column]:
        """Columns as `Pack.dump` gave them. Raises KeyError where rows had other fields then."""
        self._compare(saved)
        return {name: self._read(name, saved[name], length) for name in self.names}

    def _compare(self, saved: Mapping[str, Any]) -> None:
        # a default for a field that is new would be a guess: only the log knows what it was
        if other := saved.keys() ^ set(self.names):
            raise KeyError(*sorted(other))

    def _read(self, name: str, saved: dict[str, Any], length: int) -> Column:
        part = self.parts.get(name)
        if part is None or not length:
            return read_column(saved, length, self.read.get(name, plain))
        ends = saved["ends"]
        return Runs(ends, Nested(part, part.read_columns(saved["elements"]["rows"], ends[-1])))

    def restore(self, saved: Mapping[str, Any]) -> R:
        """A row from its own JSON, field by name. Raises KeyError where it had other fields then."""
        self._compare(saved)
        return self.row(**{name: self._value(name, saved[name]) for name in self.names})

    def _value(self, name: str, saved: Any) -> Any:
        part = self.parts.get(name)
        if part is None:
            return self.read.get(name, plain)(saved)
        return tuple(part.restore(each) for each in saved)


class Nested(Generic[R]):
    """A column of rows; every one that is read is a new object, to be changed by whoever asked."""

    def __init__(self, shape: Shape[R], columns: dict[str, Column]) -> None:
        self._shape, self._columns = shape, columns
        self._same = {name: column.value for name, column in columns.items() if isinstance(column, Same)}
        self._others = [(name, column.at) for name, column in columns.items() if name not in self._same]

    def at(self, place: int) -> R:
        values = self._same.copy()
        for name, at in self._others:
            values[name] = at(place)
        return self._shape.row(**values)

    def values(self) -> Iterable[R]:
        names = [*self._columns]
        return [self._shape.row(**dict(zip(names, row, strict=True))) for row in zip(*self.select(names), strict=True)]

    def select(self, names: Iterable[str]) -> list[Iterable[Any]]:
        """All values of these fields."""
        return [self._columns[name].values() for name in names]

    def value(self, name: str, place: int) -> Any:
        """One field of one row."""
        return self._columns[name].at(place)

    def saved(self) -> dict[str, Any]:
        return {"rows": {name: column.saved() for name, column in self._columns.items()}}
