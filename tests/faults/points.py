"""The named points of a desk on Kafka and MongoDB: between being durable and being told, and while partitions change hands."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.e2e.crash_launcher import WORKER_POINTS


@dataclass(frozen=True, slots=True)
class Point:
    """Which services pass it, how often at most before the death, and where it is: module, class, function, before or
    after it; nowhere for the steps of workers."""

    services: tuple[str, ...]
    latest: int = 12
    place: tuple[str, str, str, str] = ("", "", "", "")


DECIDERS = ("router", "sla", "survey")
WORKERS = (*DECIDERS, "projector", "ingest")
DOORS = ("http", "ingest")
LATEST = {"saving": 2, "saved": 2, "accompanied": 8}
STEPS: Mapping[str, Point] = {name: Point(WORKERS, LATEST.get(name, 12)) for name in WORKER_POINTS}
LANE, SEATS = ("shared.brokers.kafka_lane", "Lane", "_produce"), ("shared.engine.seats", "Seats")
STORE, OUTBOX = ("shared.stores.mongo", "MongoDocuments", "write"), ("services.ingest.delivery.outbox", "Outbox")
POINTS: Mapping[str, Point] = {
    **STEPS,
    "blob kept": Point(DOORS, 2, ("shared.blobs", "Blobs", "put", "after")),
    "message durable": Point(DOORS, 4, ("services.ingest.intake", "Intake", "take", "after")),
    "write durable": Point(("http",), 2, ("services.gateway.writing", "Commands", "_append", "after")),
    "batch leaving": Point((*DECIDERS, *DOORS), 12, (*LANE, "before")),
    "batch acknowledged": Point((*DECIDERS, *DOORS), 12, (*LANE, "after")),
    "documents leaving": Point(("projector", "ingest"), 12, (*STORE, "before")),
    "documents written": Point(("projector", "ingest"), 12, (*STORE, "after")),
    "checkpoint without manifest": Point(WORKERS, 2, ("shared.checkpoints", "", "write_parts", "after")),
    "partitions assigned": Point(WORKERS, 1, (*SEATS, "assigned", "after")),
    "partitions given back": Point(WORKERS, 1, (*SEATS, "revoked", "after")),
    "delivery claimed": Point(("ingest",), 2, (*OUTBOX, "claim", "after")),
    "delivery sent": Point(("ingest",), 2, ("services.ingest.channels.mailbox.posting", "MailSender", "send", "after")),
    "delivery concluded": Point(("ingest",), 2, (*OUTBOX, "conclude", "after")),
    "delivery reported": Point(("ingest",), 2, (*OUTBOX, "finish", "before")),
}
ANYWHERE = ("partitions assigned", "partitions given back", "blob kept", "message durable")
"""Passed also by who has none of the desk's partitions."""
TOLD_TO_STOP = "partitions given back"
"""Passed only when the group changes or the process is told to stop."""
