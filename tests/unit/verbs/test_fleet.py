"""`run` on Kafka: its children take the port that links lead to, and who is late is named."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest
from rich.console import Console

from services.verbs import fleet
from services.verbs.children import Child
from services.verbs.ending import NotStarted
from shared.settings import Settings

pytestmark = pytest.mark.anyio


class Stub:
    """A child that is ready, or never."""

    def __init__(self, name: str, *, prompt: bool) -> None:
        self.name, self.prompt = name, prompt

    async def ready(self) -> None:
        if not self.prompt:
            await asyncio.Event().wait()

    async def is_ready(self) -> bool:
        return self.prompt


def stubs(**prompt: bool) -> Sequence[Child]:
    return cast("Sequence[Child]", [Stub(name, prompt=one) for name, one in prompt.items()])


async def test_who_is_not_ready_in_time_is_named() -> None:
    with pytest.raises(NotStarted, match="seconds: sla, ingest; their"):
        await fleet.all_ready(stubs(router=True, sla=False, ingest=False, gateway=True), 50)
    await fleet.all_ready(stubs(router=True), 50)


async def test_a_port_to_be_picked_is_picked_before_anybody_is_told_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Settings] = []

    async def none(*_given: object) -> None:
        """Nothing is there to be prepared."""

    @asynccontextmanager
    async def opened(*_given: Any, **_named: Any) -> AsyncIterator[None]:
        yield

    def children(settings: Settings) -> NoReturn:
        told.append(settings)
        raise InterruptedError

    for name, stand_in in (("prepare", none), ("is_fresh", none), ("distributed", opened), ("children_of", children)):
        monkeypatch.setattr(fleet, name, stand_in)
    monkeypatch.setenv("SANAD_HTTP_PORT", "0")
    settings = Settings(_env_file=None, folder=tmp_path, kafka_servers="kafka:9092", mongo_url="mongodb://mongo")
    with pytest.raises(InterruptedError):
        await fleet.lead(settings, Console(file=StringIO()))
    port = os.environ["SANAD_HTTP_PORT"]
    assert port != "0"
    assert told[0].public_url == f"http://127.0.0.1:{port}"
