"""The gateway's API over the real application, with a stand-in for the desk that answers as a test tells it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import httpx2

from services.gateway.api import build_router
from services.gateway.gate import Gate, open_gate
from shared.catalogue.codec import decode
from shared.catalogue.commands import Command
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import CommandSettled, Fact
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Role
from shared.http import Door, build_app
from shared.metrics import Metrics
from shared.moves import Seals
from shared.secrets import Secrets
from shared.service import Ports
from shared.settings import Settings
from shared.turns import Turns
from tests.unit.gateway.world import OURS, World, principal

SECRETS = Secrets(b"c" * 32, (b"l" * 32,), (b"m" * 32,))
Answer = Callable[[Envelope], Sequence[Fact]]
BROWSER = {"Sec-Fetch-Site": "same-origin"}


def done(envelope: Envelope, **made: str) -> list[Fact]:
    """The outcome of a command the desk takes."""
    return [
        CommandSettled(
            desk=envelope.desk, command=envelope.id, command_type=envelope.type, by=envelope.body.by.id,
            outcome="done", made=made,
        )
    ]  # fmt: skip


def refused(reason: str) -> Answer:
    """A desk that refuses everything for this reason."""

    def answer(envelope: Envelope) -> list[Fact]:
        return [
            CommandSettled(
                desk=envelope.desk, command=envelope.id, command_type=envelope.type, by=envelope.body.by.id,
                outcome="refused", reason=reason,
            )
        ]  # fmt: skip

    return answer


class CurrentGate:
    """Stands for the gate of the test that runs: making the routes anew for each test would take most of its time."""

    gate: Gate
    report: Callable[[str, BaseException], None]

    def tell(self, request: str, fault: BaseException) -> None:
        self.report(request, fault)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gate, name)


CURRENT = CurrentGate()


@cache
def application() -> Door:
    """The one application of all tests."""
    return build_app([build_router(cast("Gate", CURRENT))], CURRENT.tell)


class Server:
    """The application and what it stands on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.failures: list[BaseException] = []
        ports = SimpleNamespace(
            broker=world.broker, documents=world.documents, blobs=world.blobs, dead_letters=world.dead_letters,
            clock=world.clock, secrets=SECRETS, settings=Settings(_env_file=None, folder=world.folder),
            metrics=Metrics(), turns=Turns(), seals=Seals(world.documents, world.clock),
        )  # fmt: skip
        self.ports = cast("Ports", ports)
        self.gate: Gate = open_gate(self.ports)
        CURRENT.gate, CURRENT.report = self.gate, lambda _request, fault: self.failures.append(fault)
        self.app = application()
        self.commands: list[Envelope] = []

    async def key(self, role: Role = "admin", desk: str = OURS, scopes: tuple[str, ...] = ()) -> str:
        admin = principal(desk, "setup", "admin")
        _, token = await self.gate.keys.create(admin, "test", role, scopes, self.world.clock.now())
        return token

    async def session(self, agent: str, desk: str = OURS) -> str:
        return await self.gate.sessions.open(desk, agent, self.world.clock.now())

    def client(self, token: str = "", cookie: str = "") -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        cookies = {"sanad_session": cookie} if cookie else {}
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url="http://desk.test", headers=headers, cookies=cookies)

    @asynccontextmanager
    async def deciding(self, answer: Answer = done) -> AsyncIterator[list[Envelope]]:
        """While the desk decides: gives the commands it was asked. Nobody's patience ends meanwhile."""
        asked: list[Envelope] = []
        flows, self.world.clock.flows = self.world.clock.flows, False
        deciding = asyncio.create_task(self._decide(answer, asked))
        try:
            yield asked
        finally:
            self.world.clock.flows = flows
            deciding.cancel()
            with suppress(asyncio.CancelledError):
                await deciding

    async def _decide(self, answer: Answer, asked: list[Envelope]) -> None:
        broker, position = self.world.broker, (await self.world.broker.bounds(COMMANDS.name, 0)).next
        while True:
            await broker.wait(COMMANDS.name, 0, position, 1_000)
            for record in await broker.read(COMMANDS.name, 0, position):
                position = record.offset + 1
                envelope = decode(record)
                asked.append(envelope)
                await self.world.say(*answer(envelope), desk=envelope.desk, cause=envelope.id)
            await self.world.catch_up()


async def until(condition: Callable[[], object]) -> None:
    """Let others work until it holds."""
    while not condition():  # noqa: ASYNC110 - what is waited for is no event of ours
        await asyncio.sleep(0.001)


def body(envelope: Envelope) -> Command:
    """The command inside."""
    command: Command = envelope.body
    return command


def problem(response: Any) -> dict[str, Any]:
    """The problem details of a refusal, after checking that it is one."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    answer: dict[str, Any] = response.json()
    assert answer["status"] == response.status_code
    assert answer["type"] == f"urn:sanad:problem:{answer['reason']}"
    return answer
