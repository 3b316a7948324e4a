"""`run` on Kafka and MongoDB: a process per service, as children of this one, for trying it on one machine."""

import asyncio
import signal
from collections.abc import Sequence

from rich.console import Console

from services.verbs.children import Child, children_of, watch
from services.verbs.distributed import distributed
from services.verbs.embedded import COLLECTIONS, LOG_FILE
from services.verbs.example_people import add_example_people
from services.verbs.first_start import NotStarted, check_policy, hand_over_key, start_desk
from services.verbs.kafka_topics import apply, compare
from services.verbs.welcome import greet
from shared.broker import BrokerUnavailable
from shared.brokers.kafka_address import address_of
from shared.brokers.kafka_admin import KafkaAdmin
from shared.clock import SECOND, Ms
from shared.desks import Desks
from shared.documents import DocumentsUnavailable
from shared.logs import logger
from shared.service import Ports
from shared.settings import Settings
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import address_of as mongo_address

READY_IN: Ms = 90 * SECOND


async def lead(settings: Settings, terminal: Console) -> None:
    """Everything a start does, in order. Raises what refused or ended it."""
    where = f"Kafka {settings.kafka_servers}, MongoDB {settings.mongo_database}; its secrets are in {settings.folder.resolve()}"
    terminal.print(f"Sanad starts on {where}", markup=False, soft_wrap=True)
    if (settings.folder / LOG_FILE).exists():
        raise NotStarted(f"{settings.folder} holds a desk of the embedded engine; set SANAD_FOLDER to another folder")
    stop = _stopped_by_signal()
    await _prepare(settings)
    url = settings.public_url or f"http://{settings.http_host}:{settings.http_port}"
    settings = settings.model_copy(update={"public_url": url})
    async with distributed(settings, fresh=await _is_fresh(settings)) as ports, children_of(settings) as children:
        watching = asyncio.create_task(watch(children))
        opening = asyncio.create_task(_open(ports, terminal, url, children))
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait({watching, opening, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if opening in done:
                opening.result()
                await asyncio.wait({watching, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
            terminal.print("Stopping: finishing what was taken in …")
        finally:
            for task in (watching, opening, stopped):
                task.cancel()
            await asyncio.gather(watching, opening, stopped, return_exceptions=True)
    logger("verb").info("stopped")


async def _prepare(settings: Settings) -> None:
    """Topics and indexes, as the verbs of these names make them. Raises NotStarted."""

    def make_topics() -> None:
        with KafkaAdmin(address_of(settings)) as admin:
            differences = compare(admin, settings.kafka_partitions, settings.kafka_replicas)
            if refused := [one for one in differences if one.refused]:
                raise NotStarted(f"{refused[0].topic} {refused[0].refused}")
            apply(admin, differences)

    documents = MongoDocuments(mongo_address(settings), COLLECTIONS)
    try:
        await asyncio.to_thread(make_topics)
        async for _ in documents.prepare():
            pass
    except BrokerUnavailable:
        raise NotStarted(f"Kafka at {settings.kafka_servers} does not answer; `make engines` starts one here") from None
    except DocumentsUnavailable:
        raise NotStarted("MongoDB does not answer; `make engines` starts a stand-in here") from None
    finally:
        await documents.close()


async def _is_fresh(settings: Settings) -> bool:
    """Whether no desk was ever opened here, so that there can be no secrets yet. Raises NotStarted, PolicyErrors."""
    documents = MongoDocuments(mongo_address(settings), COLLECTIONS)
    try:
        fresh = not await Desks(documents, settings.kafka_partitions).all()
    finally:
        await documents.close()
    if fresh:
        check_policy(settings)
    return fresh


async def _open(ports: Ports, terminal: Console, url: str, children: Sequence[Child]) -> None:
    """When all are ready: the first start, and the welcome."""
    async with asyncio.timeout(READY_IN / SECOND):
        for child in children:
            await child.ready()
    desk, fresh = await start_desk(ports)
    people = await add_example_people(ports, desk) if fresh and ports.settings.demo else 0
    if fresh:
        await hand_over_key(ports, desk)
    await greet(terminal, ports, url, desk, people=people)
    logger("verb").info("ready", desk=desk, address=url)


def _stopped_by_signal() -> asyncio.Event:
    """Set by SIGTERM and Ctrl-C; more of them change nothing, children are given their time."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
