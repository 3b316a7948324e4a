"""What every adapter makes of a declared collection: names that fit, and indexed values that have an order."""

import re
from collections.abc import Iterator, Sequence

from shared.documents import Body, Collection, Scalar

CONTENT = "content"
NAME = re.compile(r"[a-z][a-z0-9_]*")
INTEGERS = range(-(1 << 63), 1 << 63)


def checked(collections: Sequence[Collection]) -> Iterator[Collection]:
    """The same, each only once and rightly declared. Raises ValueError."""
    seen: set[str] = set()
    for collection in collections:
        if collection.name in seen:
            raise ValueError(f"collection {collection.name} is declared twice")
        seen.add(collection.name)
        for name in (collection.name, *collection.indexed):
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} in {collection.name} is no name: {NAME.pattern}")
        for unique in collection.unique:
            if not unique or not set(unique) <= set(collection.indexed):
                raise ValueError(f"{collection.name}: a unique set is made of indexed fields")
        yield collection


def extract(collection: Collection, body: Body) -> tuple[Scalar, ...]:
    """The indexed fields, null where absent. Raises TypeError for one that has no order."""
    found = tuple(map(body.get, collection.indexed))
    for field, value in zip(collection.indexed, found, strict=True):
        if not (value is None or isinstance(value, str) or (isinstance(value, int) and value in INTEGERS)):
            raise TypeError(f"{collection.name}.{field} is indexed: text, integer, truth or null only")
    return found
