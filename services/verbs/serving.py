"""One process with some or all of the services: opened, run until told to stop, drained, closed."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass

from services.verbs.address import reachable
from services.verbs.embedded import embedded
from services.verbs.interpreter import give_back_memory, hasten_writers, spare_collector
from services.verbs.moving.knowing import knowing_moves
from services.verbs.operators import attended
from services.verbs.parts import whole
from shared.clock import Clock
from shared.desks import Desks
from shared.engine import Engine, no_step
from shared.http import build_app
from shared.http.door import Door
from shared.http.operations import build_operations, with_permission
from shared.http_server import address_of, http_door, listen
from shared.logs import report_failure
from shared.service import Loop, Ports, Service
from shared.settings import Settings
from shared.shell import Shell
from shared.worker_ports import Step


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves. `url` is where; `stop` ends it cleanly."""

    ports: Ports
    engine: Engine
    url: str
    stop: asyncio.Event


@dataclass(frozen=True, slots=True)
class Plan:
    """What a process is made of: its ports, its parts, and who shares out its partitions (nobody: all are its own)."""

    opened: Callable[[Settings], AbstractAsyncContextManager[Ports]]
    parts: Callable[[Ports], Sequence[Service]]
    sharing: Callable[[Ports], Shell | None] = lambda _ports: None
    doors: bool = True
    """Whether it serves the routes of its parts."""
    known: bool = True
    """Whether verbs on this machine find its doors."""
    beside: Callable[[Ports], Sequence[Loop]] = lambda _ports: ()
    """What runs from first to last, whatever the parts do."""


@asynccontextmanager
async def serving(settings: Settings, step: Step = no_step, clock: Clock | None = None) -> AsyncIterator[Running]:
    """All services in this process, loaded and serving, until the block ends or `stop` is set. Raises what ended them
    early."""
    async with running(settings, Plan(lambda given: embedded(given, clock), whole), step) as process:
        yield process


@asynccontextmanager
async def running(settings: Settings, plan: Plan, step: Step = no_step) -> AsyncIterator[Running]:
    """A process, as planned. Raises what ended it early."""
    give_back_memory()
    with ExitStack() as sockets:
        listener = url = None
        if plan.doors:
            listener = sockets.enter_context(closing(listen(settings.http_host, settings.http_port)))
            url = address_of(listener)
        beside = _listen_for_operators(settings, sockets)
        public = settings.public_url or url or ""
        opening = plan.opened(settings.model_copy(update={"public_url": public}))
        async with opening as opened, attended(opened, beside) as process:
            ports = await knowing_moves(opened)
            parts = plan.parts(ports)
            engine = Engine(ports, parts, step, plan.sharing(opened))
            process.health = engine.health
            always = [*process.loops, *plan.beside(opened)]
            stop = asyncio.Event()
            doors = (
                (http_door(_app(engine, ports, parts), listener, proxies=settings.trusted_proxies),) if listener else ()
            )
            turning = asyncio.create_task(engine.run(stop, doors, always), name="engine")
            # what ends early ends the process: nobody else would tell the block that only waits to be stopped
            turning.add_done_callback(lambda _: stop.set())
            loaded = asyncio.create_task(engine.loaded.wait())
            try:
                await asyncio.wait({turning, loaded}, return_when=asyncio.FIRST_COMPLETED)
                if turning.done():
                    turning.result()
                spare_collector()
                hasten_writers()
                with reachable(settings.folder, url) if url and plan.known else nullcontext():
                    yield Running(ports, engine, public, stop)
            finally:
                stop.set()
                loaded.cancel()
                await turning


def _app(engine: Engine, ports: Ports, parts: Sequence[Service]) -> Door:
    """What everybody reaches. Its /metrics wants a key."""
    judge = next((part.judge for part in parts if part.judge), None)
    desks = Desks(ports.documents, ports.broker.partitions)
    operations = build_operations(engine.health, ports.metrics, with_permission(desks))
    # the console takes every address that is nobody else's, so it stays last
    routes = [operations, *(route for part in parts for route in part.routes)]
    encrypted = ports.settings.public_url.startswith("https://")
    answered = ports.metrics.doors.answered
    ports.metrics.doors.open()
    return build_app(routes, report_failure, judge=judge, encrypted=encrypted, answered=answered)


def _listen_for_operators(settings: Settings, sockets: ExitStack) -> socket.socket | None:
    if settings.metrics_port is None:
        return None
    return sockets.enter_context(closing(listen(settings.metrics_host, settings.metrics_port)))


def obey_signals(running: Running) -> None:
    """SIGTERM and Ctrl-C set `stop`; a second one ends the process at once, which loses nothing that was acknowledged."""
    loop = asyncio.get_running_loop()

    def told(number: int) -> None:
        if running.stop.is_set():
            os._exit(128 + number)
        running.stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told, number)
