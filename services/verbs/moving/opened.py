"""The installation of the settings, opened by a verb alone: nobody else decides for its desks meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.verbs.embedded import LOG_FILE, embedded
from services.verbs.moving.archive import Unfit
from services.verbs.moving.knowing import with_arrivals
from services.verbs.parts import NAMES
from shared.broker import BrokerUnavailable
from shared.clock import SECOND, Ms
from shared.documents import DocumentsUnavailable
from shared.moves import Movements
from shared.service import Ports
from shared.settings import Settings

LEAVING: Ms = 20 * SECOND
"""A member with a lasting name is counted for 15 seconds after it stopped."""
LOOK_EVERY: Ms = SECOND


@asynccontextmanager
async def opened(settings: Settings, *, coming: bool = False) -> AsyncIterator[Ports]:
    """Its ports. `coming` makes what is not there yet. Raises Unfit: services run, or there is nothing.

    Raises InUse, WrongFile, SecretsMissing, too.
    """
    if settings.engine == "kafka":
        async with _distributed(settings, coming=coming) as ports:
            yield with_arrivals(ports, await Movements(ports.documents).all())
        return
    if not coming and not (settings.folder / LOG_FILE).exists():
        raise Unfit(f"{settings.folder} holds no desk; set SANAD_FOLDER")
    async with embedded(settings) as ports:
        yield with_arrivals(ports, await Movements(ports.documents).all())


@asynccontextmanager
async def _distributed(settings: Settings, *, coming: bool) -> AsyncIterator[Ports]:
    # their libraries are slow to import
    from services.verbs.distributed import distributed
    from services.verbs.opening import is_fresh, prepare

    try:
        if coming:
            await prepare(settings)
        await _require_stopped(settings)
        fresh = coming and await is_fresh(settings)
    except (BrokerUnavailable, DocumentsUnavailable) as silent:
        raise Unfit(f"Kafka or MongoDB does not answer ({silent})") from None
    async with distributed(settings, fresh=fresh) as ports:
        yield ports


async def _require_stopped(settings: Settings) -> None:
    """Raises Unfit while anybody is in a group of ours."""
    from shared.brokers.kafka_address import address_of
    from shared.brokers.kafka_admin import KafkaAdmin
    from shared.shells.kafka_group import KafkaGroup

    groups = [KafkaGroup(address_of(settings), service).name for service in NAMES]

    def count() -> int:
        with KafkaAdmin(address_of(settings)) as admin:
            return admin.members(groups)

    members = await asyncio.to_thread(count)
    for _ in range(LEAVING // LOOK_EVERY):
        if not members:
            return
        await asyncio.sleep(LOOK_EVERY / SECOND)
        members = await asyncio.to_thread(count)
    raise Unfit(f"{members} consumers of its services still run: stop all of them first")
