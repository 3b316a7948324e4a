"""Which desks there are: desk → organisation and partition, written once when a desk opens."""

from dataclasses import dataclass

from shared.documents import Collection, Conflict, Document, Documents, all_of

DESKS = Collection("desks")
COLLECTIONS = (DESKS,)
INSTALLATION = ""


@dataclass(frozen=True, slots=True)
class DeskPlace:
    """Where a desk's records go: always this partition, of every topic."""

    id: str
    organisation: str
    partition: int


class Desks:
    """The registry. A place never changes, so what was read once is kept."""

    def __init__(self, documents: Documents, partitions: int) -> None:
        self._documents = documents.of(INSTALLATION)
        self._partitions = partitions
        self._known: dict[str, DeskPlace] = {}

    async def open(self, desk: str, organisation: str) -> DeskPlace:
        """The desk's place; a new desk gets the next partition in turn. Raises Conflict: another organisation's."""
        while (place := await self.find(desk)) is None:
            taken = await self._documents.count(DESKS.name)
            body = {"organisation": organisation, "partition": taken % self._partitions}
            try:
                await self._documents.replace(DESKS.name, desk, body, None)
            except Conflict:
                continue
        if place.organisation != organisation:
            raise Conflict(f"desk {desk} belongs to another organisation")
        return place

    async def find(self, desk: str) -> DeskPlace | None:
        """The desk's place, or None where no such desk was ever opened."""
        if desk not in self._known:
            document = await self._documents.get(DESKS.name, desk)
            if document is None:
                return None
            self._known[desk] = _place(document)
        return self._known[desk]

    async def all(self) -> list[DeskPlace]:
        """Every desk of the installation."""
        return [_place(document) async for document in all_of(self._documents, DESKS.name)]


def _place(document: Document) -> DeskPlace:
    return DeskPlace(document.key, document.body["organisation"], document.body["partition"])
