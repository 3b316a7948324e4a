"""`run` on Kafka and MongoDB: a process per service, as children of this one, for trying it on one machine."""

import asyncio
import os
import signal
from collections.abc import Sequence

from rich.console import Console

from services.verbs.children import Child, children_of, watch
from services.verbs.distributed import distributed
from services.verbs.embedded import LOG_FILE
from services.verbs.ending import NotStarted
from services.verbs.opening import is_fresh, prepare, welcome
from shared.clock import SECOND, Ms
from shared.http_server import free_port
from shared.logs import logger
from shared.service import Ports
from shared.settings import Settings

READY_IN: Ms = 90 * SECOND


async def lead(settings: Settings, terminal: Console) -> None:
    """Everything a start does, in order. Raises what refused or ended it."""
    where = f"Kafka {settings.kafka_servers}, MongoDB {settings.mongo_database}; its secrets are in {settings.folder.resolve()}"
    terminal.print(f"Sanad starts on {where}", markup=False, soft_wrap=True)
    if (settings.folder / LOG_FILE).exists():
        raise NotStarted(f"{settings.folder} holds a desk of the embedded engine; set SANAD_FOLDER to another folder")
    stop = _stopped_by_signal()
    await prepare(settings)
    port = settings.http_port or free_port(settings.http_host)
    # links lead to this port, so none of the children may pick one for itself
    os.environ["SANAD_HTTP_PORT"] = str(port)
    url = settings.public_url or f"http://{settings.http_host}:{port}"
    settings = settings.model_copy(update={"public_url": url})
    async with distributed(settings, fresh=await is_fresh(settings)) as ports, children_of(settings) as children:
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


async def _open(ports: Ports, terminal: Console, url: str, children: Sequence[Child]) -> None:
    """When all are ready: the first start, and the welcome."""
    await all_ready(children, READY_IN)
    await welcome(ports, terminal, url)


async def all_ready(children: Sequence[Child], patience: Ms) -> None:
    """Wait until each would take work. Raises NotStarted, with the names of those that would not."""
    try:
        async with asyncio.timeout(patience / SECOND):
            for child in children:
                await child.ready()
    except TimeoutError:
        if late := [child.name for child in children if not await child.is_ready()]:
            reason = f"not ready after {patience // SECOND} seconds: {', '.join(late)}; their log lines say why"
            raise NotStarted(reason) from None


def _stopped_by_signal() -> asyncio.Event:
    """Set by SIGTERM and Ctrl-C; more of them change nothing, children are given their time."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
