"""Conditions, order and cursor as SQL. Nulls come first, as in every order here; ties are broken by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.documents import Where
from shared.stores.cursors import Ordered
from shared.stores.sqlite_table import Table

Clause = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Order:
    """How a page is ordered: by an indexed field, or by key alone; then by key in the same direction."""

    table: Table
    field: str | None
    descending: bool

    @property
    def ordered(self) -> Ordered:
        """What cursors are made of."""
        return Ordered(self.table.collection, self.field, self.descending)

    @property
    def sql(self) -> str:
        """ORDER BY."""
        way = "DESC" if self.descending else "ASC"
        first = "" if self.field is None else f"{column_of(self.table, self.field)} {way}, "
        return f" ORDER BY {first}key {way}"

    def after(self, cursor: str) -> Clause:
        """What comes after a cursor. Raises ValueError for one of another query."""
        value, key = self.ordered.place(cursor)
        than = "<" if self.descending else ">"
        if self.field is None:
            return f"key {than} ?", [key]
        column = column_of(self.table, self.field)
        if value is None:
            rest = "" if self.descending else f" OR {column} IS NOT NULL"
            return f"(({column} IS NULL AND key {than} ?){rest})", [key]
        rest = f" OR {column} IS NULL" if self.descending else ""
        return f"(({column}, key) {than} (?, ?){rest})", [value, key]


def column_of(table: Table, field: str) -> str:
    """The column of an indexed field. Raises ValueError."""
    column = table.columns.get(field)
    if column is None:
        raise ValueError(f"{table.collection.name}.{field} is not indexed")
    return column


def clauses(table: Table, desk: str, where: Sequence[Where]) -> list[Clause]:
    """All conditions of a query."""
    return [("desk = ?", [desk]), *(_clause(table, condition) for condition in where)]


def joined(parts: Sequence[Clause]) -> Clause:
    """All of them at once."""
    return " AND ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]


def _clause(table: Table, condition: Where) -> Clause:
    column, value = column_of(table, condition.field), condition.value
    if condition.operator == "in":
        if not isinstance(value, tuple):
            raise ValueError(f"{condition.field} in … takes a tuple")
        present = [one for one in value if one is not None]
        null = f" OR {column} IS NULL" if None in value else ""
        return f"({column} IN ({', '.join('?' * len(present))}){null})", present
    if isinstance(value, tuple):
        raise ValueError(f"{condition.field} {condition.operator} … takes one value")  # noqa: TRY004 - one error for a wrong query
    if condition.operator == "=":
        return f"{column} IS ?", [value]
    if condition.operator not in {"<", "<=", ">", ">="}:
        raise ValueError(f"no operator {condition.operator!r}")
    return f"{column} {condition.operator} ?", [value]
