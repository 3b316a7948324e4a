"""The distributed engine: the ports over Kafka and MongoDB, and the shell that shares its partitions out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.verbs.embedded import COLLECTIONS
from shared import blobs, checkpoints, dead_letters
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import address_of as kafka_address
from shared.brokers.kafka_refusal import check_entry
from shared.clock import SystemClock
from shared.metrics import Metrics
from shared.moves import Seals
from shared.secrets import open_secrets
from shared.service import Ports
from shared.settings import Settings
from shared.shell import Shell
from shared.shells.kafka_group import KafkaGroup
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import address_of as mongo_address

ANEW = (
    "to begin anew take names nobody used (SANAD_KAFKA_PREFIX, SANAD_MONGO_DATABASE); engines of this machine forget all"
    " they keep by `make engines-down FORGET=--forget`"
)


@asynccontextmanager
async def distributed(settings: Settings, *, fresh: bool = False) -> AsyncIterator[Ports]:
    """The ports over the cluster and the database the settings name; neither is asked for anything but to let us in.

    Secrets are made only where the installation is `fresh`: a second process that made its own would write links and
    ids the first one does not know. Raises SecretsMissing, NotLetIn.
    """
    clock = SystemClock()
    address = kafka_address(settings)
    await check_entry(address)
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secrets = open_secrets(
        settings.secrets_folder or settings.folder,
        fresh=fresh,
        holder=f"MongoDB's {settings.mongo_database}",
        anew=ANEW,
    )
    broker = KafkaBroker(address, settings.kafka_partitions)
    try:
        documents = MongoDocuments(mongo_address(settings), COLLECTIONS)
        try:
            await documents.check_entry()
            yield Ports(
                broker=broker, documents=documents, checkpoints=checkpoints.Checkpoints(documents),
                blobs=blobs.Blobs(documents), dead_letters=dead_letters.DeadLetters(documents, clock), clock=clock,
                metrics=Metrics(), settings=settings, secrets=secrets, seals=Seals(documents, clock),
            )  # fmt: skip
        finally:
            await documents.close()
    finally:
        await broker.close()


def shell_of(ports: Ports, service: str) -> Shell:
    """The shell the settings name, in that service's group."""
    broker, settings = ports.broker, ports.settings
    if not isinstance(broker, KafkaBroker):
        raise TypeError("a shell needs Kafka's log")
    group = KafkaGroup(kafka_address(settings), service, settings.member)
    # each brings its own libraries, which are slow to import
    if settings.shell == "faust":
        from shared.shells.faust_shell import FaustShell

        return FaustShell(group, broker)
    from shared.shells.aiokafka_shell import AiokafkaShell

    return AiokafkaShell(group, broker)
