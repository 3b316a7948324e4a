"""The evidence: records as anybody could read them, and what clients know they sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson

COMMANDS, DESK, SLA = "sanad.commands", "sanad.desk", "sanad.sla"
SURVEYS, DELIVERIES = "sanad.surveys", "sanad.deliveries"
FACTS = (DESK, SLA, SURVEYS)
ONE_WRITER = (*FACTS, DELIVERIES)


class RawRecord(Protocol):
    """A record as the log gives it."""

    topic: str
    partition: int
    offset: int
    appended_at: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A record, read. `kind` is the type without prefix and version, "" where the record cannot be read."""

    topic: str
    partition: int
    offset: int
    appended_at: int
    kind: str
    id: str = ""
    source: str = ""
    organisation: str = ""
    desk: str = ""
    time: int = 0
    seq: int = 0
    position: int = -1
    last: bool = False
    correlation: str = ""
    causation: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> tuple[Any, ...]:
        """All of it but where and when the log took it: copies of one fact must agree on this."""
        return (
            self.kind, self.id, self.source, self.organisation, self.desk, self.time, self.seq, self.position,
            self.last, self.correlation, self.causation, self.body,
        )  # fmt: skip

    def __str__(self) -> str:
        shown = {name: value for name, value in self.body.items() if name not in ("policy", "why", "by")}
        return f"{self.topic}/{self.partition}@{self.offset} seq={self.seq} t={self.time} {self.kind} {shown}"


def read_entry(record: RawRecord, bodies: dict[bytes, Any] | None = None) -> Entry:
    """The record as an entry; an unreadable one has no kind. `bodies` remembers values: copies are read once."""
    place = (record.topic, record.partition, record.offset, record.appended_at)
    try:
        body = bodies.get(record.value) if bodies is not None else None
        if body is None:
            body = orjson.loads(record.value)
        if bodies is not None:
            bodies[record.value] = body
        attributes = {name: content.decode() for name, content in record.headers}
        return Entry(
            *place,
            kind=attributes["ce_type"].removeprefix("sanad.").removesuffix(".v1"),
            id=attributes["ce_id"],
            source=attributes["ce_source"],
            organisation=attributes["ce_organisation"],
            desk=attributes["ce_partitionkey"],
            time=round(datetime.fromisoformat(attributes["ce_time"]).timestamp() * 1_000),
            seq=int(attributes.get("ce_sequence", 0)),
            position=int(attributes.get("ce_position", -1)),
            last=attributes.get("ce_last") == "1",
            correlation=attributes["ce_correlationid"],
            causation=attributes["ce_causationid"],
            body=body,
        )
    except (KeyError, ValueError):
        return Entry(*place, kind="")


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of one client, however often it was delivered. `message` is its message's id, if it is one."""

    desk: str
    id: str
    kind: str
    acknowledged: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that was kept aside."""

    topic: str
    partition: int
    offset: int
    consumer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Violation:
    """Which promise was broken, how, and where in the logs the trouble shows first."""

    promise: str
    sentence: str
    entry: Entry | None = None

    def __str__(self) -> str:
        place = f" | {self.entry}" if self.entry else ""
        return f"{self.promise}: {self.sentence}{place}"


@dataclass(slots=True)
class Evidence:
    """Everything there is to judge. Logs hold copies as appended.

    `ended_at` is a time by which everything due had been done and all had fallen silent; 0 where nobody can say.
    """

    entries: dict[str, list[Entry]]
    sent: list[Sent] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    ended_at: int = 0
    lag: dict[str, int] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)

    def all(self, topic: str) -> list[Entry]:
        return self.entries.get(topic, [])

    def kept(self, topic: str) -> Iterator[Entry]:
        """What a reader applies: exactly the next seq of each desk; copies are dropped, nothing beyond a gap counts."""
        marks: dict[str, int] = {}
        for entry in self.all(topic):
            if entry.kind and entry.seq == marks.get(entry.desk, 0) + 1:
                marks[entry.desk] = entry.seq
                yield entry

    def facts(self) -> list[Entry]:
        """The desk's own facts without copies."""
        return list(self.kept(DESK))


def gather(records: Iterable[RawRecord], **known: Any) -> Evidence:
    """Evidence from raw records of any topics and partitions, each in order."""
    entries: dict[str, list[Entry]] = {}
    bodies: dict[bytes, Any] = {}
    for record in records:
        entries.setdefault(record.topic, []).append(read_entry(record, bodies))
    return Evidence(entries, **known)
