"""The writes of one group of facts, those of one input: each document at most once, history in one entry per ticket."""

from collections.abc import Iterator
from typing import Any

from services.gateway.store import MARKS, SETTLED
from shared.clock import Ms
from shared.documents import Body, Put

Key = tuple[str, str]


class Sheet:
    """Collects until the group is complete. A group is all or nothing to whoever reads the documents."""

    __slots__ = ("_bodies", "_entries", "_whole", "by")

    def __init__(self) -> None:
        self._bodies: dict[Key, Body] = {}
        self._whole: set[Key] = set()
        self._entries: dict[str, list[Body]] = {}
        self.by: str | None = None

    def write(self, collection: str, key: str, /, **fields: Any) -> None:
        """A new document: nothing of an older one under this key stays."""
        self.patch(collection, key, **fields)
        self._whole.add((collection, key))

    def patch(self, collection: str, key: str, /, **fields: Any) -> None:
        """Set these fields; none at all still marks the document as changed."""
        body = self._bodies.get((collection, key))
        if body is None:
            self._bodies[collection, key] = fields
        else:
            body.update(fields)

    def enter(self, ticket: str, entry: Body) -> None:
        """A line of the ticket's history."""
        self._entries.setdefault(ticket, []).append(entry)

    def puts(self, desk: str, seq: int, history: str, command: str, at: Ms) -> Iterator[Put]:
        """All writes, outcomes of commands last: who sees one sees what it made."""
        late: list[Put] = []
        for place, body in self._bodies.items():
            collection, key = place
            put = Put(collection, desk, key, seq, body, patch=place not in self._whole)
            if collection == SETTLED.name:
                late.append(put)
            else:
                yield put
        for ticket, entries in self._entries.items():
            body = {"ticket": ticket, "at": at, "by": self.by, "command": command, "entries": entries}
            yield Put(history, desk, f"{ticket}/{seq:012}", seq, body)
        yield from late

    def dump(self) -> Body:
        """As JSON, for a checkpoint that falls into the middle of a group."""
        whole = [[*place, place in self._whole, body] for place, body in self._bodies.items()]
        return {"bodies": whole, "entries": self._entries, "by": self.by}

    @classmethod
    def restore(cls, dumped: Body) -> "Sheet":
        sheet = cls()
        for collection, key, whole, body in dumped["bodies"]:
            sheet._bodies[collection, key] = body
            if whole:
                sheet._whole.add((collection, key))
        sheet._entries, sheet.by = dumped["entries"], dumped["by"]
        return sheet


def mark(desk: str, topic: str, seq: int, offset: int, at: Ms) -> Put:
    """What is written so far: after all documents of the group."""
    return Put(MARKS.name, desk, topic, seq, {"seq": seq, "offset": offset, "at": at})
