"""Where a page ended: an opaque cursor that fits one order of one collection, whatever the documents lie in."""

import base64
import binascii
from dataclasses import dataclass

import orjson

from shared.documents import Collection, Scalar


@dataclass(frozen=True, slots=True)
class Ordered:
    """How a page is ordered: by an indexed field, or by key alone; then by key in the same direction."""

    collection: Collection
    field: str | None
    descending: bool

    def cursor(self, value: Scalar, key: str) -> str:
        """Continues after this document in this order."""
        place = [self.collection.name, self.field, self.descending, value, key]
        return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")

    def place(self, cursor: str) -> tuple[Scalar, str]:
        """Value and key a cursor stands for. Raises ValueError for one of another query."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            name, field, descending, value, key = orjson.loads(raw)
        except (binascii.Error, ValueError, TypeError):
            raise ValueError("this is no cursor of ours") from None
        mine = [name, field, descending] == [self.collection.name, self.field, self.descending]
        if not mine or not isinstance(key, str) or not isinstance(value, str | int | None):
            raise ValueError("this cursor belongs to another query")
        return value, key
