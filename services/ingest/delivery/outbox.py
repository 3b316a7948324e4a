"""The outbox: the state of every delivery, changed by compare and set, so that any number of senders may look at it.

    waiting ─▶ sending ─▶ reporting ─▶ delivered · stored · failed · unknown
       ▲  ▲───────┴──▶ held              (each of the last four may be tried again by an operator)

`sending` and `reporting` are leases: when one runs out, its holder crashed, and another sender takes over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.ingest.store import OUTBOX
from shared.catalogue.deliveries import DeliverMessage
from shared.clock import DAY, HOUR, MINUTE, SECOND, Clock, Ms
from shared.documents import Conflict, Document, Documents, Drop, Page, Where, by

LEASE: Ms = 30 * SECOND
KEPT: Ms = 14 * DAY
OPEN = ("waiting", "sending", "reporting")
UNDONE = (*OPEN, "held")
FINAL = ("delivered", "stored", "failed", "unknown")
STATES = (*UNDONE, *FINAL)
SWEPT_AT_ONCE = 200


class NoSuchDelivery(Exception):
    """The desk has no delivery of that id, or not in a state this can be done in."""


@dataclass(frozen=True, slots=True)
class Item:
    """A delivery as it was read: changes hold only while nobody else has changed it."""

    desk: str
    id: str
    seq: int
    body: Mapping[str, Any]

    @property
    def delivery(self) -> DeliverMessage:
        return DeliverMessage.model_validate(self.body["delivery"])

    @property
    def state(self) -> str:
        return str(self.body["state"])


class Outbox:
    """All desks' deliveries. Every change raises Conflict when another sender was faster."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents, self._clock = documents, clock

    async def due(self, desk: str, limit: int) -> list[Item]:
        """What may be sent now, the longest due first."""
        where = [Where("state", "in", OPEN), Where("due_at", "<=", self._clock.now())]
        page = await self._documents.of(desk).page(OUTBOX.name, where=where, order="due_at", limit=limit)
        return [_item(desk, document) for document in page.documents]

    async def head(self, desk: str, conversation: str) -> Item | None:
        """The first of a conversation's open deliveries: nothing behind it goes out before it."""
        where = [*by(conversation=conversation), Where("state", "in", OPEN)]
        page = await self._documents.of(desk).page(OUTBOX.name, where=where, order="place", limit=1)
        return _item(desk, page.documents[0]) if page.documents else None

    async def find(self, desk: str, delivery: str) -> Item | None:
        found = await self._documents.of(desk).get(OUTBOX.name, delivery)
        return _item(desk, found) if found else None

    async def page(self, desk: str, state: str | None, after: str | None, limit: int) -> Page:
        """Newest first."""
        where = by(state=state) if state else []
        return await self._documents.of(desk).page(
            OUTBOX.name, where=where, order="at", descending=True, after=after, limit=limit
        )

    async def count(self, desk: str, state: str) -> int:
        return await self._documents.of(desk).count(OUTBOX.name, by(state=state))

    async def oldest(self, desk: str) -> Ms:
        """How old the oldest delivery is that is neither done nor held; 0 where there is none."""
        where = [Where("state", "in", OPEN)]
        page = await self._documents.of(desk).page(OUTBOX.name, where=where, order="at", limit=1)
        return max(0, self._clock.now() - page.documents[0].body["at"]) if page.documents else 0

    async def claim(self, item: Item) -> Item:
        """Take a lease. Another attempt begins, unless its outcome is known and only the report is missing."""
        change: dict[str, Any] = {"due_at": self._clock.now() + LEASE}
        if item.state != "reporting":
            change |= {"state": "sending", "attempts": item.body["attempts"] + 1}
            change["repeats"] = item.body["repeats"] + (item.state == "sending")
        return await self.change(item, **change)

    async def renew(self, item: Item) -> Item:
        """Keep a lease while the sending goes on."""
        return await self.change(item, due_at=self._clock.now() + LEASE)

    async def again(self, item: Item) -> Item:
        """What is claimed, as it is stored by now. Raises Conflict where somebody else has claimed it since."""
        found = await self.find(item.desk, item.id)
        if found is None or (found.state, found.body["attempts"]) != (item.state, item.body["attempts"]):
            raise Conflict("the delivery was claimed again meanwhile")
        return found

    async def wait(self, item: Item, until: Ms, code: str) -> Item:
        """Try again, not before `until`."""
        return await self.change(item, state="waiting", due_at=until, code=code)

    async def hold(self, item: Item, code: str) -> Item:
        """Nothing more happens to it until somebody has looked."""
        return await self.change(item, state="held", code=code)

    async def conclude(self, item: Item, outcome: str, code: str, *, permanent: bool, unreachable: bool) -> Item:
        """Write the outcome down before it is reported: whoever takes over then reports, and sends nothing again."""
        return await self.change(
            item, state="reporting", outcome=outcome, code=code, permanent=permanent, unreachable=unreachable,
            due_at=self._clock.now() + LEASE,
        )  # fmt: skip

    async def finish(self, item: Item) -> Item:
        """The outcome is in the log. The text of what arrived is no longer needed here."""
        body: dict[str, Any] = {"state": item.body["outcome"], "ended_at": self._clock.now()}
        if item.body["outcome"] == "delivered":
            body["delivery"] = {**item.body["delivery"], "text": ""}
        return await self.change(item, **body)

    async def release(self, desk: str, delivery: str) -> Item:
        """An operator says: send it (again). Raises NoSuchDelivery for what is under way, or arrived."""
        item = await self.find(desk, delivery)
        if item is None or item.state not in {"held", "stored", "failed", "unknown"}:
            raise NoSuchDelivery(delivery)
        now = self._clock.now()
        return await self.change(item, state="waiting", due_at=now, released=True, released_at=now, code="")

    async def change(self, item: Item, **fields: Any) -> Item:
        body = {**item.body, **fields}
        seq = await self._documents.of(item.desk).replace(OUTBOX.name, item.id, body, item.seq)
        return Item(item.desk, item.id, seq, body)

    async def sweep(self, desk: str) -> int:
        """Forget what ended more than 14 days ago: by then the log has forgotten it too. Returns how many."""
        where = [Where("state", "in", FINAL), Where("at", "<", self._clock.now() - KEPT)]
        page = await self._documents.of(desk).page(OUTBOX.name, where=where, order="at", limit=SWEPT_AT_ONCE)
        await self._documents.write([Drop(OUTBOX.name, desk, document.key) for document in page.documents])
        return len(page.documents)


def backoff(attempts: int, *, ours: bool) -> Ms:
    """How long to wait after this many attempts: half a minute, then twice as long each time, an hour at most.

    What is missing here (`ours`), an address that is not projected yet, is looked for again after a second.
    """
    return min((SECOND if ours else MINUTE // 2) << min(attempts - 1, 15), HOUR)


def _item(desk: str, document: Document) -> Item:
    return Item(desk, document.key, document.seq, document.body)


__all__ = ["Conflict", "Item", "NoSuchDelivery", "Outbox", "backoff"]
