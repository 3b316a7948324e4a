"""Survey as it runs: real log, real documents, its own workers and its own pages behind the product's HTTP door."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from httpx2 import ASGITransport, AsyncClient

from services.survey.app import build
from services.survey.store import COLLECTIONS
from services.survey.surveys import survey_id
from shared import blobs, checkpoints, dead_letters, desks
from shared.blobs import Blobs
from shared.brokers.sqlite import SqliteBroker
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import AnswerSurvey
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import Fact, PolicyApplied
from shared.catalogue.topics import COMMANDS, DESK, SURVEYS
from shared.checkpoints import Checkpoints
from shared.clock import DAY
from shared.dead_letters import DeadLetters
from shared.desks import Desks
from shared.engine import Engine
from shared.http import build_app
from shared.ids import fact_id
from shared.metrics import Metrics
from shared.moves import Seals
from shared.secrets import Secrets
from shared.service import Ports
from shared.settings import Settings
from shared.stores.sqlite import SqliteDocuments
from shared.survey_links import SurveyLink, survey_path
from tests.unit.survey.desk_facts import DESK_ID, NOON, policy

SURVEY = survey_id("t1", 1, "csat")
KEYS = (b"newest", b"older")


class StillClock:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def sleep(self, length: int) -> None:
        self.time += length


class PageWorld:
    """One desk with a policy, one process."""

    def __init__(self, folder: Path) -> None:
        self.clock = StillClock()
        self.broker = SqliteBroker(folder / "log.db", 1, self.clock)
        every = (
            *COLLECTIONS,
            *desks.COLLECTIONS,
            *checkpoints.COLLECTIONS,
            *dead_letters.COLLECTIONS,
            *blobs.COLLECTIONS,
        )
        self.documents = SqliteDocuments(folder / "documents.db", every)
        self.ports = Ports(
            broker=self.broker, documents=self.documents, checkpoints=Checkpoints(self.documents),
            blobs=Blobs(self.documents), dead_letters=DeadLetters(self.documents, self.clock), clock=self.clock,
            metrics=Metrics(), settings=Settings(folder=folder), secrets=Secrets(b"contacts", KEYS, (b"mail",)),
            seals=Seals(self.documents, self.clock),
        )  # fmt: skip
        service = build(self.ports)
        self.failures: list[BaseException] = []
        self.workers = Engine(self.ports, [service]).workers
        app = build_app(service.routes, lambda _request, fault: self.failures.append(fault))
        self.browser = AsyncClient(transport=ASGITransport(app=app), base_url="http://desk.test")
        self._seqs: dict[str, int] = {}

    async def say(self, fact: Fact, topic: str = DESK.name) -> None:
        """Append a fact as its topic's writer would, and let survey read it."""
        seq = self._seqs[topic] = self._seqs.get(topic, 0) + 1
        envelope = Envelope(
            fact_id(DESK_ID, topic, seq),
            "router",
            self.clock.now(),
            "acme",
            DESK_ID,
            "c",
            "c",
            fact,
            seq,
            seq,
            last=True,
        )
        await self.broker.append([encode(envelope, topic, 0)])
        await self.catch_up()

    async def catch_up(self) -> None:
        for worker in self.workers:
            # what survey's decider says is not its log here: tests write that topic themselves
            if worker.name != "survey":
                while records := await self.broker.read(worker.topic, worker.partition, worker.position):
                    await worker.feed(records)

    def link(self, language: str = "ar", lasts: int = 7 * DAY, survey: str = SURVEY, desk: str = DESK_ID) -> str:
        return survey_path(
            KEYS, SurveyLink(desk, survey, "t1", 1, "csat", language, self.clock.now() + lasts)
        )  # fmt: skip

    async def answers(self) -> list[tuple[str, AnswerSurvey]]:
        """Every answer in the log, with its command's id."""
        envelopes = [decode(record) for record in await self.broker.read(COMMANDS.name, 0, 0)]
        return [(envelope.id, envelope.body) for envelope in envelopes if isinstance(envelope.body, AnswerSurvey)]

    async def end(self, fact: Fact) -> None:
        await self.say(fact, SURVEYS.name)


@asynccontextmanager
async def page_world(folder: Path) -> AsyncIterator[PageWorld]:
    world = PageWorld(folder)
    await Desks(world.documents, 1).open(DESK_ID, "acme")
    for worker in world.workers:
        await worker.load()
    await world.say(PolicyApplied(desk=DESK_ID, version=1, policy=policy()))
    yield world
    await world.browser.aclose()
    await world.broker.close()
    await world.documents.close()
