"""Every desk's place is written in the log, too, and compared whenever a process starts and now and then."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from shared.broker import BrokerUnavailable
from shared.brokers.kafka_address import KafkaAddress, address_of
from shared.brokers.kafka_places import Kept, read_places, record_of, unrecorded
from shared.clock import MINUTE, SECOND, Ms
from shared.desks import DESKS, INSTALLATION
from shared.documents import DocumentsUnavailable, all_of
from shared.logs import logger
from shared.service import Loop, Ports

EVERY: Ms = 5 * MINUTE
AGAIN: Ms = SECOND
OPEN = "open"


def watching(ports: Ports) -> Loop:
    """A loop that compares for ever. It raises WrongLog."""
    return Loop("places", partial(watch, ports, address_of(ports.settings)))


async def watch(ports: Ports, address: KafkaAddress) -> None:
    """Compare at once, and then again and again. Raises WrongLog."""
    while True:
        try:
            await settle(ports, address)
        except (BrokerUnavailable, DocumentsUnavailable):
            await ports.clock.sleep(AGAIN)
        else:
            await ports.clock.sleep(EVERY)


async def settle(ports: Ports, address: KafkaAddress) -> None:
    """Refuse what differs, and tell the log what it does not know yet. Raises WrongLog, BrokerUnavailable,
    DocumentsUnavailable."""
    log = await read_places(address)
    places = all_of(ports.documents.of(INSTALLATION), DESKS.name)
    documents = {document.key: _kept(document.body) async for document in places}
    if news := unrecorded(log, documents):
        await ports.broker.append([record_of(desk, kept) for desk, kept in sorted(news.items())])
        logger("verb").info("places are written in the log", count=len(news))


def _kept(body: Mapping[str, Any]) -> Kept:
    seal = body.get("seal") or {}
    return Kept(body["organisation"], body["partition"], seal.get("reason", OPEN))
