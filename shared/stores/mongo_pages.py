"""Conditions, order and cursor as MongoDB's filters. A null field is absent, which MongoDB orders first as well."""

from collections.abc import Sequence
from typing import Any

from shared.documents import Collection, Scalar, Where
from shared.stores.cursors import Ordered
from shared.stores.mongo_shape import identity

Filter = dict[str, Any]
NOTHING: Filter = {"_id": {"$in": []}}
COMPARISONS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


def path_of(collection: Collection, field: str) -> str:
    """Where the value of an indexed field lies. Raises ValueError."""
    if field not in collection.indexed:
        raise ValueError(f"{collection.name}.{field} is not indexed")
    return f"by.{field}"


def matching(collection: Collection, desk: str, where: Sequence[Where]) -> list[Filter]:
    """All conditions of a query. Raises ValueError."""
    return [{"desk": desk}, *(_condition(collection, condition) for condition in where)]


def sorting(order: Ordered) -> list[tuple[str, int]]:
    """As drivers want it."""
    way = -1 if order.descending else 1
    first = [] if order.field is None else [(path_of(order.collection, order.field), way)]
    return [*first, ("_id", way)]


def after(order: Ordered, desk: str, cursor: str) -> Filter:
    """What comes after a cursor. Raises ValueError for one of another query."""
    value, key = order.place(cursor)
    than = "$lt" if order.descending else "$gt"
    beyond: Filter = {"_id": {than: identity(desk, key)}}
    if order.field is None:
        return beyond
    path = path_of(order.collection, order.field)
    choices: list[Filter] = [{path: value, **beyond}]
    if value is not None:
        choices.append({path: {than: value}})
        choices += [{path: None}] * order.descending
    else:
        choices += [{path: {"$ne": None}}] * (not order.descending)
    return {"$or": choices}


def value_of(order: Ordered, found: dict[str, Any]) -> Scalar:
    """What a stored document is ordered by."""
    value: Scalar = None if order.field is None else found.get("by", {}).get(order.field)
    return value


def _condition(collection: Collection, condition: Where) -> Filter:
    path, value = path_of(collection, condition.field), condition.value
    if condition.operator == "in":
        if not isinstance(value, tuple):
            raise ValueError(f"{condition.field} in … takes a tuple")
        return {path: {"$in": list(value)}}
    if isinstance(value, tuple):
        raise ValueError(f"{condition.field} {condition.operator} … takes one value")  # noqa: TRY004 - one error for a wrong query
    if condition.operator == "=":
        return {path: value}
    if condition.operator not in COMPARISONS:
        raise ValueError(f"no operator {condition.operator!r}")
    # Nothing is less or greater than null; MongoDB's null is at most null.
    return NOTHING if value is None else {path: {COMPARISONS[condition.operator]: value}}
