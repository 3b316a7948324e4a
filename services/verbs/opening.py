"""What must be there before services run on Kafka and MongoDB, and the first start of a desk there."""

import asyncio

from rich.console import Console

from services.verbs.distributed import distributed
from services.verbs.embedded import COLLECTIONS
from services.verbs.ending import NotStarted
from services.verbs.example_people import add_example_people
from services.verbs.first_start import check_policy, hand_over_key, start_desk
from services.verbs.kafka_topics import apply, compare
from services.verbs.places import settle
from services.verbs.welcome import greet
from shared.broker import BrokerUnavailable
from shared.brokers.kafka_address import address_of
from shared.brokers.kafka_admin import KafkaAdmin
from shared.brokers.kafka_refusal import check_entry
from shared.desks import Desks
from shared.documents import DocumentsUnavailable
from shared.logs import logger
from shared.service import Ports
from shared.settings import Settings
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import address_of as mongo_address


async def install(settings: Settings, terminal: Console, *, services_run: bool) -> None:
    """Topics, indexes and secrets; then, where services run, the first start. Each step may be repeated. Raises NotStarted,
    PolicyErrors, SecretsMissing."""
    await prepare(settings)
    async with distributed(settings, fresh=await is_fresh(settings)) as ports:
        if services_run:
            await welcome(ports, terminal, settings.public_url)
            return
    folder = (settings.secrets_folder or settings.folder).resolve()
    terminal.print(f"Topics and indexes are made, secrets are in {folder}.", markup=False, soft_wrap=True)
    terminal.print("Give them to every process, start the services, then: python -m services install", markup=False)


async def welcome(ports: Ports, terminal: Console, url: str) -> None:
    """The first start, if it was not finished yet, and where everything is."""
    address = address_of(ports.settings)
    # before anything is asked of a desk: its place must be the one its log knows
    await settle(ports, address)
    desk, fresh = await start_desk(ports)
    await settle(ports, address)
    people = await add_example_people(ports, desk) if fresh and ports.settings.demo else 0
    if fresh:
        await hand_over_key(ports, desk)
    await greet(terminal, ports, url, desk, people=people)
    logger("verb").info("ready", desk=desk, address=url)


async def prepare(settings: Settings) -> None:
    """Topics and indexes, as the verbs of these names make them. Raises NotStarted, NotLetIn."""

    def make_topics() -> None:
        with KafkaAdmin(address_of(settings)) as admin:
            differences = compare(admin, settings.kafka_partitions, settings.kafka_replicas)
            if refused := [one for one in differences if one.refused]:
                raise NotStarted(f"{refused[0].topic} {refused[0].refused}")
            apply(admin, differences)

    await check_entry(address_of(settings))
    documents = MongoDocuments(mongo_address(settings), COLLECTIONS)
    try:
        await documents.check_entry()
        await asyncio.to_thread(make_topics)
        async for _ in documents.prepare():
            pass
    except BrokerUnavailable:
        raise NotStarted(f"Kafka at {settings.kafka_servers} does not answer; `make engines` starts one here") from None
    except DocumentsUnavailable as silent:
        raise NotStarted(f"MongoDB does not answer ({silent}); `make engines` starts a stand-in here") from None
    finally:
        await documents.close()


async def is_fresh(settings: Settings) -> bool:
    """Whether no desk was ever opened here, so that there can be no secrets yet. Raises NotStarted, PolicyErrors."""
    documents = MongoDocuments(mongo_address(settings), COLLECTIONS)
    try:
        fresh = not await Desks(documents, settings.kafka_partitions).all()
    finally:
        await documents.close()
    if fresh:
        check_policy(settings)
    return fresh
