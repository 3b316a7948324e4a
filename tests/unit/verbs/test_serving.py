"""How a process that serves begins and ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import httpx2
import pytest

from services.verbs.embedded import embedded
from services.verbs.serving import Plan, running
from shared.documents import Documents
from shared.http_server import free_port
from shared.service import Loop, Ports, Service
from shared.settings import Settings
from tests.unit.gateway.test_stores_away import Absent

pytestmark = pytest.mark.slow


@pytest.mark.anyio
@pytest.mark.usefixtures("as_before")
async def test_a_part_that_fails_ends_a_process_that_only_waits_to_be_stopped(tmp_path: Path) -> None:
    failing = asyncio.Event()

    async def fail() -> None:
        await failing.wait()
        raise OSError("no more room")

    settings = Settings(_env_file=None, folder=tmp_path)
    plan = Plan(embedded, lambda _ports: [Service("toy", loops=(Loop("sender", fail),))], doors=False)

    async def serve() -> None:
        async with running(settings, plan) as process:
            failing.set()
            await process.stop.wait()

    serving = asyncio.create_task(serve())
    ended, _ = await asyncio.wait({serving}, timeout=60)
    serving.cancel()
    assert ended
    with pytest.raises(OSError, match="no more room"):
        serving.result()


async def answered(client: httpx2.AsyncClient, path: str, status: int) -> httpx2.Response:
    """The first answer of this status. Fails where it does not come."""
    async with asyncio.timeout(20):
        while True:
            with suppress(httpx2.TransportError):
                if (answer := await client.get(path)).status_code == status:
                    return answer
            await asyncio.sleep(0.02)


@pytest.mark.anyio
@pytest.mark.usefixtures("as_before")
async def test_a_process_that_waits_for_the_documents_tells_operators_that_it_lives_and_starts(tmp_path: Path) -> None:
    absent: list[Absent] = []

    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[Ports]:
        async with embedded(settings) as ports:
            absent.append(Absent(ports.documents))
            absent[0].away = True
            yield replace(ports, documents=cast("Documents", absent[0]))

    settings = Settings(_env_file=None, folder=tmp_path, metrics_port=free_port("127.0.0.1"))
    plan = Plan(opened, lambda _ports: [Service("toy")], doors=False)
    over = asyncio.Event()

    async def serve() -> None:
        async with running(settings, plan):
            await over.wait()

    serving = asyncio.create_task(serve())
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{settings.metrics_port}") as client:
        assert (await answered(client, "/livez", 200)).json() == {"state": "live"}
        assert (await answered(client, "/readyz", 503)).json()["reasons"] == ["starting"]
        absent[0].away = False
        assert (await answered(client, "/readyz", 200)).json() == {"state": "ready"}
        over.set()
        await serving
        with pytest.raises(httpx2.TransportError):
            await client.get("/livez")
