"""`sanad.deliveries` into the outbox: each delivery is written down once, whatever is replayed."""

from collections.abc import Callable, Iterator, Mapping

import orjson

from services.ingest.store import OUTBOX
from shared.broker import Record
from shared.catalogue.codec import Malformed, decode
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.topics import DELIVERIES
from shared.clock import Ms
from shared.documents import Put
from shared.emissions import Output, Unreadable
from shared.fold import Gap
from shared.service import Consumer

ONCE = 1
MARKS = "marks"
NOTHING: Mapping[str, int] = {}


class OutboxFold:
    """A Fold of one partition. The guard of what it writes lies below every change the sender makes.

    Deliveries a desk made before it came here (`made_before`) lie in no log here; their outbox came with it.
    """

    recovers_from: str | None = None

    def __init__(self, noticed: Callable[[], None], made_before: Mapping[str, int] = NOTHING) -> None:
        self._noticed, self._made_before = noticed, made_before
        self._marks: dict[str, int] = {}

    def apply(self, record: Record) -> list[Output]:
        try:
            envelope = decode(record)
        except Malformed as fault:
            return [Unreadable(record, str(fault))]
        mark = self._marks.get(envelope.desk, self._made_before.get(envelope.desk, 0))
        if envelope.seq <= mark:
            return []
        if envelope.seq != mark + 1:
            raise Gap(f"{record.topic} {envelope.desk}: seq {envelope.seq} after {mark}")
        self._marks[envelope.desk] = envelope.seq
        delivery = envelope.body
        if not isinstance(delivery, DeliverMessage):
            return [Unreadable(record, "not a delivery")]
        return [
            Put(OUTBOX.name, envelope.desk, delivery.delivery, ONCE, _entry(delivery, envelope.time, record.offset))
        ]

    def timers(self) -> dict[str, tuple[str, Ms]]:
        return {}

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        yield MARKS, orjson.dumps(self._marks)

    def unsaved(self) -> None:
        """Every save gives all there is."""

    def load(self, chunks: Mapping[str, bytes]) -> None:
        self._marks = orjson.loads(chunks[MARKS])

    def condemn(self, offset: int) -> None:
        """Nothing here fails half way."""

    def recover(self, own: Record) -> int | None:
        return None


def _entry(delivery: DeliverMessage, at: Ms, offset: int) -> dict[str, object]:
    return {
        "state": "waiting", "due_at": at, "at": at, "conversation": delivery.conversation, "place": offset,
        "attempts": 0, "repeats": 0, "code": "", "permanent": False, "released": False,
        "delivery": delivery.model_dump(mode="json", exclude_none=True),
    }  # fmt: skip


def writing_down(noticed: Callable[[], None], made_before: Mapping[str, int]) -> Consumer:
    """The outbox's consumer. `noticed` is called when a delivery was written down."""
    return Consumer("ingest.outbox", DELIVERIES.name, lambda _partition: OutboxFold(noticed, made_before), beats=True)
