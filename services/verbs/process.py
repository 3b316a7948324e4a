"""One process with all five services on the embedded engine: opened, run until told to stop, drained, closed."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

import services.gateway.app
import services.ingest.app
import services.router.app
import services.sla.app
import services.survey.app
from services.verbs.embedded import embedded
from shared.clock import Clock
from shared.engine import Engine, no_step
from shared.http import build_app
from shared.http_server import http_door, listen
from shared.logs import report_failure
from shared.service import Ports, Service
from shared.settings import Settings
from shared.worker_ports import Step


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves. `url` is where; `stop` ends it cleanly."""

    ports: Ports
    engine: Engine
    url: str
    stop: asyncio.Event


@asynccontextmanager
async def serving(settings: Settings, step: Step = no_step, clock: Clock | None = None) -> AsyncIterator[Running]:
    """All services, loaded and serving, until the block ends or `stop` is set. Raises what ended them early."""
    listener = listen(settings.http_host, settings.http_port)
    host, port = listener.getsockname()[:2]
    settings = settings.model_copy(update={"public_url": settings.public_url or f"http://{host}:{port}"})
    with closing(listener):
        async with embedded(settings, clock) as ports:
            parts = [build(ports) for build in SERVICES.values()]
            judge = next((part.judge for part in parts if part.judge), None)
            app = build_app([route for part in parts for route in part.routes], report_failure, judge=judge)
            engine = Engine(ports, parts, step)
            stop = asyncio.Event()
            turning = asyncio.create_task(engine.run(stop, (http_door(app, listener),)), name="engine")
            loaded = asyncio.create_task(engine.loaded.wait())
            try:
                await asyncio.wait({turning, loaded}, return_when=asyncio.FIRST_COMPLETED)
                if turning.done():
                    turning.result()
                yield Running(ports, engine, settings.public_url, stop)
            finally:
                stop.set()
                loaded.cancel()
                await turning


async def until_told(running: Running) -> None:
    """Wait for SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop.set)
    await running.stop.wait()


SERVICES: Mapping[str, Callable[[Ports], Service]] = {
    "ingest": services.ingest.app.build,
    "router": services.router.app.build,
    "sla": services.sla.app.build,
    "survey": services.survey.app.build,
    "gateway": services.gateway.app.build,
}
