"""Installations in one process, whose desks work without doors: commands are appended, and all is run until it is still."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.gateway.policy_file.loader import load_policy
from services.verbs.moving.arriving import arrive
from services.verbs.moving.facts import TOPICS
from services.verbs.moving.leaving import leave
from services.verbs.moving.manifest import inspect
from services.verbs.moving.opened import opened
from services.verbs.moving.stillness import settle
from shared.broker import Record
from shared.catalogue.codec import encode
from shared.catalogue.commands import ApplyPolicy, Command, PutAgent, ReceiveMessage, SetPresence
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Contact, Principal
from shared.desks import Desks
from shared.ids import named_id, random_id
from shared.policy.terms import Channel
from shared.service import Ports
from shared.settings import Settings
from tests.e2e.living_desk import HOUSE

ORGANISATION = "waha"
POLICY = HOUSE / "deploy" / "desk.yaml"


def silent(_what: str, _count: int) -> None:
    """Nobody is told."""


def settings_of(folder: Path) -> Settings:
    return Settings(folder=folder, policy=POLICY, partitions=1, log_level="ERROR", demo=False)


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Ports]:
    """The installation in that folder, made if it is not there."""
    async with opened(settings_of(folder), coming=True) as ports:
        yield ports


def by(desk: str, agent: str = "system") -> Principal:
    return Principal(organisation=ORGANISATION, desk=desk, id=agent, role="system")


async def send(ports: Ports, desk: str, *commands: Command) -> None:
    """Append; nobody decides yet."""
    place = await Desks(ports.documents, ports.broker.partitions).open(desk, ORGANISATION)
    for command in commands:
        name = random_id()
        envelope = Envelope(name, "test", ports.clock.now(), ORGANISATION, desk, name, name, command)
        await ports.broker.append([encode(envelope, COMMANDS.name, place.partition)])


async def open_desk(ports: Ports, desk: str, messages: int = 5) -> None:
    """A desk with a policy, one person who is ready, and some tickets."""
    policy = load_policy(POLICY.read_text(encoding="utf-8"), ports.clock.now())
    policy = policy.model_copy(update={"desk": policy.desk.model_copy(update={"id": desk})})
    await send(
        ports, desk, ApplyPolicy(by=by(desk), desk=desk, policy=policy),
        PutAgent(by=by(desk), agent="sara", name="Sara", role="agent", language="en", capacity=2, email="sara@example.com"),
        SetPresence(by=by(desk), agent="sara", state="ready"),
        *(message(ports, desk, number) for number in range(messages)),
    )  # fmt: skip
    await settle(ports, 0, silent)


def message(ports: Ports, desk: str, number: int) -> ReceiveMessage:
    return ReceiveMessage(
        by=by(desk), message=named_id(desk, number), channel=Channel.WEBFORM, account="web", sent_at=ports.clock.now(),
        sender=Contact(id=named_id(desk, "contact", number), kind="email", address=f"c{number}@example.org"),
        text=f"How do I order card {number}?", language="en", words=(), policy_version=1,
    )  # fmt: skip


async def move(old: Path, new: Path, desk: str, file: Path) -> None:
    """From one folder to another."""
    async with site(old) as ports:
        await leave(ports, desk, file, "", silent)
    async with site(new) as ports:
        assert await arrive(ports, inspect(file, silent), silent)


async def log_of(ports: Ports, topic: str) -> list[Record]:
    """Everything in the topic."""
    records: list[Record] = []
    while more := await ports.broker.read(topic, 0, len(records)):
        records += more
    return records


def said(records: list[Record], desk: str) -> list[tuple[object, ...]]:
    """All that anybody outside may know of a desk's facts: everything but where they lie."""
    inner = ("ce_position",)
    return [
        (record.value, tuple(header for header in record.headers if header[0] not in inner))
        for record in records
        if record.key == desk.encode()
    ]


async def facts_of(ports: Ports, desk: str) -> dict[str, list[tuple[object, ...]]]:
    return {topic: said(await log_of(ports, topic), desk) for topic in TOPICS}


def goes_on(after: dict[str, list[tuple[object, ...]]], before: dict[str, list[tuple[object, ...]]]) -> bool:
    """Whether nothing of what was said is missing or changed; something may have fallen due since."""
    return all(after[topic][: len(said)] == said for topic, said in before.items())
