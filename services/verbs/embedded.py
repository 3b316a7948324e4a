"""The embedded engine: the ports over SQLite files in one folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.gateway.store import COLLECTIONS as GATEWAY
from services.ingest.store import COLLECTIONS as INGEST
from services.survey.store import COLLECTIONS as SURVEY
from shared import blobs, checkpoints, dead_letters, desks
from shared.brokers.sqlite import SqliteBroker
from shared.clock import Clock, SystemClock
from shared.documents import Collection
from shared.metrics import Metrics
from shared.moves import Seals
from shared.secrets import open_secrets
from shared.service import Ports
from shared.settings import Settings
from shared.stores.sqlite import SqliteDocuments

COLLECTIONS: tuple[Collection, ...] = (
    *checkpoints.COLLECTIONS, *blobs.COLLECTIONS, *dead_letters.COLLECTIONS, *desks.COLLECTIONS, *GATEWAY, *INGEST,
    *SURVEY,
)  # fmt: skip
LOG_FILE = "log.sqlite"


@asynccontextmanager
async def embedded(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Ports]:
    """The ports over `settings.folder`, which is made at the first start.

    Raises InUse (another process runs on it), WrongFile (another kind of file, or other settings), SecretsMissing.
    """
    clock = clock or SystemClock()
    folder = settings.folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = folder / LOG_FILE
    # before the log: a folder with a log and without secrets would look like one that lost them
    secrets = open_secrets(folder, fresh=not log.exists())
    broker = SqliteBroker(log, settings.partitions, clock)
    try:
        documents = SqliteDocuments(folder / "documents.sqlite", COLLECTIONS)
        try:
            yield Ports(
                broker=broker, documents=documents, checkpoints=checkpoints.Checkpoints(documents),
                blobs=blobs.Blobs(documents), dead_letters=dead_letters.DeadLetters(documents, clock), clock=clock,
                metrics=Metrics(), settings=settings, secrets=secrets, seals=Seals(documents, clock),
            )  # fmt: skip
        finally:
            await documents.close()
    finally:
        await broker.close()
