"""What is left in the files of a desk that was killed many times, judged: S1 to S13, by checkers that know no service."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.verbs.embedded import COLLECTIONS
from shared.blobs import Blobs
from shared.broker import Broker, Record
from shared.brokers.sqlite import SqliteBroker
from shared.checkpoints import Checkpoints
from shared.clock import SystemClock
from shared.dead_letters import DeadLetters
from shared.documents import Documents
from shared.stores.sqlite import SqliteDocuments
from tests.e2e.crashing.again import check_decisions, check_projections
from tests.invariants.checks import violations
from tests.invariants.evidence import COMMANDS, DELIVERIES, DESK, SLA, SURVEYS, DeadLetter, Evidence, Sent, gather
from tests.invariants.evidence import Violation as Broken

TOPICS = (COMMANDS, DESK, SLA, SURVEYS, DELIVERIES)
PARTITIONS = 4
DESK_ID, ORGANISATION = "support", "waha"
OURS = {DESK_ID: ORGANISATION}


@dataclass(slots=True)
class Claims:
    """What one desk's clients say they were told."""

    marks: Mapping[str, str] = field(default_factory=dict)
    """Mark in the text of each message that was acknowledged → its id, where the door told it."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """Command → done, or the reason of its refusal."""
    arrived: Mapping[str, int] = field(default_factory=dict)
    """By Message-ID, how often our mail came to the relay, every desk's."""
    heard: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By topic the ids of all events, as a listener got them who was cut off by every death."""
    desk: str = DESK_ID
    organisation: str = ORGANISATION


@dataclass(slots=True)
class Verdict:
    """What was found."""

    violations: list[Broken]
    records: Counter[str]
    copies: Counter[str]
    """Records of each topic that readers dropped as known."""
    messages: int
    repeats: int
    """Deliveries of messages the desk knew already."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Files:
    """The desk's files, opened while no desk runs on them."""

    broker: Broker
    documents: Documents
    records: dict[str, list[Record]]


@asynccontextmanager
async def open_files(folder: Path) -> AsyncIterator[Files]:
    """Everything in them. Raises InUse while a desk runs."""
    broker = SqliteBroker(folder / "log.sqlite", PARTITIONS, SystemClock())
    documents = SqliteDocuments(folder / "documents.sqlite", COLLECTIONS)
    try:
        yield Files(broker, documents, await read_all(broker))
    finally:
        await documents.close()
        await broker.close()


async def read_all(broker: Broker) -> dict[str, list[Record]]:
    """Every record of every topic, partition by partition."""
    return {topic: [one async for one in _read(broker, topic)] for topic in TOPICS}


async def _read(broker: Broker, topic: str) -> AsyncIterator[Record]:
    for partition in range(PARTITIONS):
        start = 0
        while records := await broker.read(topic, partition, start):
            for record in records:
                yield record
            start = records[-1].offset + 1


async def judge(folder: Path, claims: Claims) -> Verdict:
    """All checks over the files of a desk that has come to rest and was stopped."""
    async with open_files(folder) as files:
        return await judge_files(files, [claims], folder / "again.sqlite")


async def judge_files(files: Files, claims: Sequence[Claims], again: Path) -> Verdict:
    """All checks over the log and the documents, wherever they are. What is derived once more goes into a new file."""
    evidence = await read_evidence(files, {one.desk: one.organisation for one in claims})
    said = {(entry.desk, entry.id): entry for entry in evidence.all(COMMANDS)}
    evidence.sent = [sent for one in claims for sent in _sent(evidence, one)]
    found = violations(evidence)
    found += check_claims(evidence, *claims)
    found += [one async for one in _check_positions(files)]
    found += [one async for one in _check_blobs(files, evidence)]
    found += check_decisions(files.records)
    found += [one async for one in check_projections(files.records, files.documents, again)]
    received = Counter(entry.body["message"] for entry in evidence.all(COMMANDS) if entry.kind == "message.receive")
    return Verdict(
        found,
        Counter({topic: len(evidence.all(topic)) for topic in TOPICS}),
        Counter({topic: len(evidence.all(topic)) - sum(1 for _ in evidence.kept(topic)) for topic in TOPICS[1:]}),
        len(received),
        sum(received.values()) - len(received) + len(evidence.all(COMMANDS)) - len(said),
        evidence,
    )


async def read_evidence(files: Files, organisations: Mapping[str, str] = OURS) -> Evidence:
    """What the checkers look at; what clients sent is not in it yet."""
    records = (record for log in files.records.values() for record in log)
    dead = [letter async for letter in _dead(files)]
    return gather(records, dead=dead, organisations=dict(organisations))


def check_claims(evidence: Evidence, *claims: Claims) -> Iterator[Broken]:
    """What clients of each desk were told against what the log says; what arrived is known of all desks together."""
    yield from _check_outside(evidence, claims[0])
    for one in claims:
        yield from _check_acknowledged(evidence, one)
        yield from _check_outcomes(evidence, one)
        yield from _check_feed(evidence, one)


async def _dead(files: Files) -> AsyncIterator[DeadLetter]:
    letters = DeadLetters(files.documents, SystemClock())
    after: str | None = None
    while True:
        page = await letters.page(state=None, after=after, limit=200)
        for letter in page.letters:
            place = letter.origin
            topic, partition, offset = (place.topic, place.partition, place.offset) if place else ("", 0, -1)
            yield DeadLetter(topic, partition, offset, letter.source, letter.reason)
        after = page.next
        if after is None:
            return


def marked(evidence: Evidence, marks: Iterable[str]) -> dict[str, set[str]]:
    """The ids of the messages, on any desk, in whose text each mark stands."""
    found: dict[str, set[str]] = {mark: set() for mark in marks}
    for entry in evidence.all(COMMANDS):
        if entry.kind == "message.receive":
            for word in str(entry.body.get("text", "")).split():
                if word in found:
                    found[word].add(entry.body["message"])
    return found


def _sent(evidence: Evidence, claims: Claims) -> Iterator[Sent]:
    for ids in marked(evidence, claims.marks).values():
        for message in ids:
            yield Sent(claims.desk, message, "message.receive", acknowledged=True, message=message)


def _check_acknowledged(evidence: Evidence, claims: Claims) -> Iterator[Broken]:
    """S1: what was acknowledged is in the log, as one message however often it was delivered."""
    for mark, ids in marked(evidence, claims.marks).items():
        told = claims.marks[mark]
        if len(ids) != 1 or (told and told not in ids):
            yield Broken("S1", f"{mark} was acknowledged (as {told or 'mail'}) and is {sorted(ids) or 'nowhere'}")


def _check_outcomes(evidence: Evidence, claims: Claims) -> Iterator[Broken]:
    """What an agent was told of a write is what the log says of it."""
    kept = [entry for entry in evidence.kept(DESK) if entry.desk == claims.desk]
    settled = {entry.body["command"]: entry.body for entry in kept if entry.kind == "command.settled"}
    for command, told in claims.outcomes.items():
        body = settled.get(command)
        if body is None:
            yield Broken("S11", f"command {command} was answered with {told}, and the log knows no outcome")
        elif told != (body.get("reason") or body["outcome"]):
            yield Broken("S13", f"command {command} was answered with {told}, the log says {body}")


def _check_outside(evidence: Evidence, claims: Claims) -> Iterator[Broken]:
    """S2 outside: what was delivered by what we say arrived, nothing arrived that we never sent."""
    delivered = Counter(
        entry.body["delivery"]
        for entry in evidence.kept(DESK)
        if entry.kind == "delivery.reported" and entry.body["outcome"] == "delivered"
    )
    sent = [entry.body["delivery"] for entry in evidence.kept(DESK) if entry.kind == "message.sent"]
    if delivered.keys() != set(sent):
        yield Broken("S2", f"{len(sent)} mails were sent, {len(delivered)} reported as delivered")
    if len(claims.arrived) != len(sent):
        yield Broken("S2", f"{len(sent)} mails were sent, {len(claims.arrived)} arrived")
    for delivery, often in delivered.items():
        if often > 1:
            yield Broken("S2", f"delivery {delivery} was reported {often} times")


def _check_feed(evidence: Evidence, claims: Claims) -> Iterator[Broken]:
    """S4: the live feed, resumed after every death from the last id heard, told every event once and in order."""
    for topic, heard in claims.heard.items():
        kept = [entry.id for entry in evidence.kept(topic) if entry.desk == claims.desk]
        if list(heard) != kept:
            place = next((n for n, (one, other) in enumerate(zip(heard, kept, strict=False)) if one != other), -1)
            yield Broken("S4", f"the feed told {len(heard)} of {len(kept)} events of {topic}, others from {place} on")


async def _check_blobs(files: Files, evidence: Evidence) -> AsyncIterator[Broken]:
    """S1: what a message names was durable before the message."""
    blobs = Blobs(files.documents)
    for entry in evidence.all(COMMANDS):
        named = [entry.body.get(name) for name in ("raw_blob", "html_blob", "text_blob")]
        named += [file["blob"] for file in entry.body.get("attachments", ())]
        for blob in filter(None, named):
            if await blobs.size(entry.desk, blob) is None:
                yield Broken("S1", f"blob {blob} is named and not there", entry)


async def _check_positions(files: Files) -> AsyncIterator[Broken]:
    """S11, L1: after a clean stop every consumer has saved where it stands, and that is the end of its log."""
    checkpoints = Checkpoints(files.documents)
    for name, topic in CONSUMERS:
        for partition in range(PARTITIONS):
            end = (await files.broker.bounds(topic, partition)).next
            saved = await checkpoints.load(name, partition)
            if end and (saved is None or saved.offset != end):
                yield Broken(
                    "S11", f"{name} stopped at {saved and saved.offset} of {topic}/{partition}, which ends at {end}"
                )


CONSUMERS = (
    ("ingest.policies", DESK), ("ingest.outbox", DELIVERIES), ("router", COMMANDS), ("sla", DESK), ("survey", DESK),
    ("survey-wordings", DESK), ("survey-ended", SURVEYS), ("console", DESK), ("clocks", SLA), ("surveys", SURVEYS), ("texts", COMMANDS), ("texts-sent", DELIVERIES),
)  # fmt: skip
"""Name and topic of each."""
