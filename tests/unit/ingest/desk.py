"""A desk with its doors: real log, real documents, the real service over a clock moved by hand; no router."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from httpx2 import ASGITransport, AsyncClient

from services.gateway.policy_file.loader import load_policy
from services.ingest.app import build
from services.ingest.store import COLLECTIONS
from shared import blobs, checkpoints, dead_letters, desks, texts
from shared.blobs import Blobs
from shared.broker import Record
from shared.brokers.sqlite import SqliteBroker
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import Command, ReceiveMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import Fact, PolicyApplied
from shared.catalogue.topics import COMMANDS, DESK
from shared.catalogue.values import Principal
from shared.checkpoints import Checkpoints
from shared.clock import SECOND, Ms
from shared.dead_letters import DeadLetters
from shared.http import Problem, build_app
from shared.ids import fact_id
from shared.metrics import Metrics
from shared.moves import Seals
from shared.permissions import may
from shared.policy.policy import Policy
from shared.secrets import Secrets
from shared.service import Consumer, Ports, Service
from shared.settings import Settings
from shared.stores.sqlite import SqliteDocuments
from shared.worker import Worker, WorkerPorts

NOW: Ms = 1_795_420_800_000
KEY = "pk_acme_web"
SITE = "https://acme.example"
POLICY = """\
desk: {id: support, organisation: acme, name: {en: Acme, ar: أكمي}, language: en, zone: Asia/Riyadh}
accounts:
  web: {channel: webform, key: pk_acme_web, origins: ["https://acme.example"], name: {en: Write to us, ar: راسلنا}}
  closed: {channel: webform, key: pk_acme_own_pages}
  mail: {channel: email, address: help@acme.example, also: [info@acme.example], name: Acme Care}
teams:
  front: {name: Front}
words:
  card: {ar: ["بطاق*"], en: ["card"]}
  lost: {ar: ["ضاع*"], en: ["lost"]}
rules:
  - {id: lost, when: {words: lost, all_words: card}, then: {category: general}}
  - {id: default}
limits: {form_posts_per_minute: 1000}
"""
OTHER_POLICY = """\
desk: {id: rival-desk, organisation: rival, name: Rival}
accounts:
  form: {channel: webform, key: pk_rival_web, origins: ["https://acme.example"]}
  post: {channel: email, address: help@rival.example}
teams:
  front: {name: Front}
rules:
  - {id: default}
"""
SECRETS = Secrets(b"c" * 32, (b"l" * 32,), (b"m" * 32, b"former" * 6))


class HandClock:
    """Moves when told, and by what is slept."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def sleep(self, length: int) -> None:
        self.time += length
        await asyncio.sleep(0.001)


async def no_step(_name: str) -> None:
    """Tests that crash somewhere pass their own."""


class SilentMeter:
    """What workers report is of no interest here."""

    def applied(self, records: Sequence[Record], position: int) -> None:
        """A batch."""

    def set_aside(self, reason: str) -> None:
        """A dead letter."""

    def retried(self, what: str) -> None:
        """A store was away."""

    def saved(self, longest_pause: Ms) -> None:
        """A checkpoint."""

    def broke(self) -> None:
        raise AssertionError("no fold of ingest breaks")


class Doors:
    """What a test works with."""

    def __init__(self, ports: Ports, clock: HandClock) -> None:
        self.ports, self.clock = ports, clock
        self.service: Service = build(ports)
        self.workers = {consumer.name: self.worker(consumer) for consumer in self.service.consumers}
        self._seq: dict[str, int] = {}
        self.principal = Principal(organisation="acme", desk="support", id="amal", role="lead")
        app = build_app(
            list(self.service.routes), lambda _request, fault: self.failures.append(fault), judge=self._judge
        )
        self.failures: list[BaseException] = []
        self.client = AsyncClient(transport=ASGITransport(app), base_url="http://desk.example")

    def worker(self, consumer: Consumer) -> Worker:
        ports = self.ports
        given = WorkerPorts(
            ports.broker, ports.documents, ports.checkpoints, ports.dead_letters, ports.clock, SilentMeter(), no_step
        )
        return Worker(consumer.name, consumer.topic, 0, lambda: consumer.fold(0), given)

    async def _judge(self, _request: Any, act: str) -> Principal:
        """As the gateway would, for whoever `principal` is."""
        if not may(self.principal, act):
            raise Problem(403)
        return self.principal

    async def load(self) -> None:
        for worker in self.workers.values():
            await worker.load()

    async def settle(self) -> None:
        """Let every fold take in what is in the logs."""
        for worker in self.workers.values():
            while (await self.ports.broker.bounds(worker.topic, 0)).next > worker.position:
                await worker.advance()

    async def tell(self, fact: Fact, *, desk: str = "support", organisation: str = "acme", position: int = -1) -> None:
        """Append a fact as the router would."""
        seq = self._seq[desk] = self._seq.get(desk, 0) + 1
        envelope = Envelope(
            fact_id(desk, DESK.name, seq), "router", self.clock.now(), organisation, desk, "c", "c", fact, seq, position,
            last=True,
        )  # fmt: skip
        await self.ports.broker.append([encode(envelope, DESK.name, 0)])

    async def apply(self, policy: Policy, version: int = 1) -> None:
        fact = PolicyApplied(desk=policy.desk.id, version=version, policy=policy.at_version(version))
        await self.tell(fact, desk=policy.desk.id, organisation=policy.desk.organisation)
        await self.settle()

    async def commands(self, desk: str | None = None) -> list[Envelope]:
        """Every command in the log (of one desk), in order."""
        found = [decode(record) for record in await self.ports.broker.read(COMMANDS.name, 0, 0)]
        return [each for each in found if desk in {None, each.desk}]

    async def received(self, desk: str | None = None) -> list[ReceiveMessage]:
        return [each.body for each in await self.commands(desk) if isinstance(each.body, ReceiveMessage)]

    async def bodies(self, kind: type[Command]) -> list[Any]:
        return [each.body for each in await self.commands() if isinstance(each.body, kind)]


@asynccontextmanager
async def open_doors(folder: Path, clock: HandClock | None = None, **settings: Any) -> AsyncIterator[Doors]:
    """A process of its own, as far as anybody can tell; the same folder again is the next start."""
    clock = clock or HandClock()
    usual: dict[str, Any] = {"public_url": "http://desk.example", "smtp_port": 0, "_env_file": None}
    given = Settings(folder=folder, **(usual | settings))
    broker = SqliteBroker(folder / "log.sqlite", 1, clock)
    documents = SqliteDocuments(
        folder / "documents.sqlite",
        (
            *COLLECTIONS,
            *texts.COLLECTIONS,
            *blobs.COLLECTIONS,
            *checkpoints.COLLECTIONS,
            *dead_letters.COLLECTIONS,
            *desks.COLLECTIONS,
        ),
    )
    ports = Ports(
        broker=broker, documents=documents, checkpoints=Checkpoints(documents), blobs=Blobs(documents),
        dead_letters=DeadLetters(documents, clock), clock=clock, metrics=Metrics(), settings=given, secrets=SECRETS,
        seals=Seals(documents, clock),
    )  # fmt: skip
    doors = Doors(ports, clock)
    try:
        await doors.load()
        await doors.settle()
        yield doors
    finally:
        await doors.client.aclose()
        await documents.close()
        await broker.close()


@cache
def policy(text: str = POLICY, **changes: str) -> Policy:
    """A policy, with pieces of its text replaced."""
    for old, new in changes.items():
        text = text.replace(old, new)
    return load_policy(text, NOW)


def filled(**values: str) -> dict[str, str]:
    """A form as a customer fills it in."""
    return {"name": "Huda", "email": "huda@example.com", "subject": "Card", "message": "I lost my card"} | values


def headers(**more: str) -> dict[str, str]:
    """What a browser on the allowed site sends."""
    return {"Origin": SITE} | {name.replace("_", "-"): value for name, value in more.items()}


def words_of(received: Sequence[ReceiveMessage]) -> list[str]:
    return [each.text for each in received]


SOON = SECOND
