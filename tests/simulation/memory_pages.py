"""Conditions, order and cursors of the documents in memory."""

import json
from collections.abc import Sequence
from operator import ge, gt, le, lt
from typing import Any

from shared.documents import Collection, Document, Where

COMPARE: dict[str, Any] = {"<": lt, "<=": le, ">": gt, ">=": ge}
Rank = tuple[bool, Any, str]
Query = tuple[str, str | None, bool]


def demand_index(collection: Collection, where: Sequence[Where], order: str | None) -> None:
    """Only indexed fields can be asked for, with conditions that make sense. Raises ValueError."""
    for name in [*(condition.field for condition in where), *([order] if order else [])]:
        if name not in collection.indexed:
            raise ValueError(f"{collection.name}.{name} is not indexed")
    for condition in where:
        if (condition.operator == "in") != isinstance(condition.value, tuple):
            takes = "a tuple" if condition.operator == "in" else "one value"
            raise ValueError(f"{condition.field} {condition.operator} … takes {takes}")


def holds(document: Document, condition: Where) -> bool:
    """Whether the document meets the condition; nothing is smaller or larger than null."""
    value, wanted = document.body.get(condition.field), condition.value
    if condition.operator == "in":
        return isinstance(wanted, tuple) and value in wanted
    if condition.operator == "=":
        return bool(value == wanted)
    return value is not None and wanted is not None and bool(COMPARE[condition.operator](value, wanted))


def rank(document: Document, order: str | None) -> Rank:
    """Its place in the order: null first, then by value, then by key."""
    value = document.body.get(order) if order else None
    return (value is not None, value if value is not None else 0, document.key)


def cut_page(
    found: Sequence[tuple[Rank, Document]], query: Query, after: str | None, limit: int
) -> tuple[list[Document], str | None]:
    """One page of what was found in order, and the cursor of the next. Raises ValueError for a cursor that is not ours."""
    rest = list(found)
    if after is not None:
        mark, descending = _mark(after, query), query[2]
        rest = [pair for pair in rest if (pair[0] < mark if descending else pair[0] > mark)]
    following = json.dumps([*query, *rest[limit - 1][0]]) if len(rest) > limit else None
    return [document for _, document in rest[:limit]], following


def _mark(cursor: str, query: Query) -> Rank:
    try:
        collection, order, descending, some, value, key = json.loads(cursor)
    except (ValueError, TypeError):
        raise ValueError("this is no cursor of ours") from None
    if (collection, order, descending) != query:
        raise ValueError("this cursor belongs to another query")
    return (bool(some), value, str(key))
