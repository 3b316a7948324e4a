"""The live feed: the facts of a desk as structured CloudEvents, from any cursor on, never ahead of the documents.

A cursor is the marks of the topics read. Nothing is buffered per connection: each reads the log at its own pace, and
the log keeps what is recent in memory. Order holds within a topic; causes name each other across topics.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from services.gateway.cursor import TOPICS, CursorRefused, Mark, Marks, read_cursor, write_cursor
from services.gateway.store import MARKS
from shared.broker import Broker, OffsetOutOfRange, Record
from shared.clock import SECOND, Clock, Ms
from shared.desks import DeskPlace
from shared.documents import Documents
from shared.fold import Gap
from shared.moves import Movements

CHUNK = 200
LONGEST_WAIT: Ms = SECOND
"""Between two looks at the marks while the log is silent."""
SHORT_WAIT: Ms = 10
SETTLING = 50
"""Short looks after the log grew, until the projector has caught up with it."""


@dataclass(frozen=True, slots=True)
class Event:
    """A fact, ready to be sent, with the cursor that continues after it."""

    type: str
    content: bytes
    cursor: str


class Feed:
    """Reads for any number of connections."""

    def __init__(self, broker: Broker, documents: Documents, clock: Clock) -> None:
        self._broker, self._documents, self._clock = broker, documents, clock

    async def start(self, place: DeskPlace, cursor: str | None, *, from_beginning: bool = False) -> "Reading":
        """A place to read on from: the cursor's, the desk's beginning, or now. Raises CursorRefused."""
        logs = {topic: await self._broker.topic_id(topic) for topic in TOPICS}
        if cursor is None:
            marks: Marks = {
                topic: Mark(log, 0, 0) if from_beginning else await self.written(place, topic, log)
                for topic, log in logs.items()
            }
        else:
            marks = await self._carried(place, read_cursor(place.id, cursor), logs)
            if any(mark.log != logs[topic] for topic, mark in marks.items()):
                raise CursorRefused("other_log")
            for topic, mark in marks.items():
                bounds = await self._broker.bounds(topic, place.partition)
                if mark.offset > bounds.next:
                    raise CursorRefused("not_ours")
                if mark.offset < bounds.first:
                    raise CursorRefused("too_old")
        return Reading(self, place, marks)

    async def _carried(self, place: DeskPlace, marks: Marks, logs: Mapping[str, str]) -> Marks:
        """A cursor of the installation the desk came from goes on here: its facts kept their numbers, and begin at a
        known offset, so the next one lies there or, where an append was repeated, further on."""
        if all(mark.log == logs[topic] for topic, mark in marks.items()):
            return marks
        movement = await Movements(self._documents).find(place.id)
        if movement is None or movement.arrival is None:
            return marks
        begins, former = movement.arrival.begins, movement.arrival.logs
        return {
            topic: Mark(logs[topic], begins[topic] + mark.seq, mark.seq) if mark.log in former[topic] else mark
            for topic, mark in marks.items()
        }

    async def written(self, place: DeskPlace, topic: str, log: str) -> Mark:
        """How far the documents of this topic are."""
        document = await self._documents.of(place.id).get(MARKS.name, topic)
        return Mark(log, document.body["offset"], document.body["seq"]) if document else Mark(log, 0, 0)

    async def read(self, place: DeskPlace, topic: str, start: int, end: int) -> list[Record]:
        """Records of the desk's partition from `start` up to `end`. Raises CursorRefused."""
        try:
            records = await self._broker.read(topic, place.partition, start, CHUNK)
        except OffsetOutOfRange:
            raise CursorRefused("too_old") from None
        return [record for record in records if record.offset < end]

    async def ends(self, place: DeskPlace) -> dict[str, int]:
        """The next offset of each topic."""
        return {topic: (await self._broker.bounds(topic, place.partition)).next for topic in TOPICS}

    async def wait(self, place: DeskPlace, ends: Mapping[str, int], longest: Ms) -> bool:
        """Wait until one of the topics has grown beyond its end; False after `longest`."""
        waits = [
            asyncio.ensure_future(self._broker.wait(topic, place.partition, end, longest))
            for topic, end in ends.items()
        ]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return any(wait.result() for wait in done)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def pause(self) -> None:
        await self._clock.sleep(SHORT_WAIT)

    def monotonic(self) -> Ms:
        return self._clock.monotonic()


class Reading:
    """One reader's place in the feed of one desk."""

    def __init__(self, feed: Feed, place: DeskPlace, marks: Marks) -> None:
        self._feed, self._place, self._marks = feed, place, dict(marks)

    @property
    def cursor(self) -> str:
        return write_cursor(self._place.id, self._marks)

    async def next(self, types: Collection[str] = ()) -> list[Event]:
        """The next events there are; [] when all that is written has been read, or none of a chunk is of these types:
        then the cursor has moved on. Raises CursorRefused, Gap."""
        events: list[Event] = []
        for topic in TOPICS:
            mark = self._marks[topic]
            released = await self._feed.written(self._place, topic, mark.log)
            if mark.offset < released.offset:
                for record in await self._feed.read(self._place, topic, mark.offset, released.offset):
                    events += self._take(topic, record, types)
        return events

    async def follow(self, longest: Ms, types: Collection[str] = ()) -> AsyncIterator[list[Event]]:
        """The events as they come, for ever; [] whenever `longest` passed without any."""
        quiet_since = self._feed.monotonic()
        while True:
            ends = await self._feed.ends(self._place)
            before = self.cursor
            events = await self.next(types)
            if not events and self.cursor != before:
                await self._feed.pause()  # others are to be read to as well
            elif not events and await self._feed.wait(self._place, ends, LONGEST_WAIT):
                events = await self._settled(types)
            if events or self._feed.monotonic() - quiet_since >= longest:
                yield events
                quiet_since = self._feed.monotonic()

    async def _settled(self, types: Collection[str]) -> list[Event]:
        """What has just been appended, as soon as its documents are written."""
        for _ in range(SETTLING):
            if events := await self.next(types):
                return events
            await self._feed.pause()
        return []

    def _take(self, topic: str, record: Record, types: Collection[str]) -> list[Event]:
        """Move over a record; other desks' records share the partition."""
        mark = self._marks[topic]
        if record.key != self._place.id.encode():
            self._marks[topic] = replace(mark, offset=record.offset + 1)
            return []
        attributes = {name.removeprefix("ce_"): value.decode() for name, value in record.headers}
        seq = int(attributes["sequence"])
        if seq > mark.seq + 1:
            raise Gap(f"{topic} {self._place.id}: seq {seq} after {mark.seq}")
        self._marks[topic] = replace(mark, offset=record.offset + 1, seq=max(seq, mark.seq))
        if seq <= mark.seq or (types and attributes["type"] not in types):
            return []
        return [Event(attributes["type"], structured(attributes, record.value), self.cursor)]


OWN_ATTRIBUTES = frozenset({"position", "last", "content-type"})
"""Of no meaning outside."""


def structured(attributes: Mapping[str, str], value: bytes) -> bytes:
    """A CloudEvent in JSON (structured mode) from its binary-mode attributes and its body."""
    event: dict[str, Any] = {name: text for name, text in attributes.items() if name not in OWN_ATTRIBUTES}
    event["datacontenttype"] = "application/json"
    event["data"] = orjson.Fragment(value)
    return orjson.dumps(event)
