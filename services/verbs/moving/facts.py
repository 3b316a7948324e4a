"""A desk's facts out of one log and into another: the same bytes, numbers and times; only where they lie is another."""

from collections.abc import AsyncIterator, Iterator, Sequence

import orjson

from shared.broker import Broker, Outgoing, Record
from shared.catalogue.codec import decode
from shared.catalogue.facts import MessageSent
from shared.catalogue.topics import DESK, SLA, SURVEYS
from shared.fold import Gap

TOPICS = (DESK.name, SLA.name, SURVEYS.name)
"""In this order: what is said of the others' places is known when the first is there."""
AT_ONCE = 1_000
SENT = MessageSent.TYPE.encode()
SEQUENCE, POSITION, TYPE = "ce_sequence", "ce_position", "ce_type"


async def facts(broker: Broker, topic: str, partition: int, desk: str, start: int = 0) -> AsyncIterator[Record]:
    """Each fact of the desk once, in order, up to the log's end. Raises Gap."""
    end = (await broker.bounds(topic, partition)).next
    key, at, seq = desk.encode(), start, 0
    while at < end:
        for record in await broker.read(topic, partition, at, AT_ONCE):
            at = record.offset + 1
            number = seq_of(record) if record.key == key else 0
            if number > seq + 1:
                raise Gap(f"{topic} {desk}: seq {number} after {seq}")
            if number == seq + 1:
                seq = number
                yield record


def seq_of(record: Record) -> int:
    return next(int(value) for name, value in record.headers if name == SEQUENCE)


def is_delivery(record: Record) -> bool:
    """Whether the router sent a delivery along with it."""
    return dict(record.headers)[TYPE] == SENT


def write_fact(record: Record) -> bytes:
    """As a line of the file: the record's bytes are in it unchanged."""
    headers = [[name, value.decode()] for name, value in record.headers]
    return orjson.dumps([headers, record.value.decode()])


def read_facts(topic: str, partition: int, desk: str, position: int, content: bytes) -> Iterator[Outgoing]:
    """The lines of one member, as they are appended here.

    `position` stands for where their input lies, all of which was decided elsewhere: the deciders go on from there.
    """
    there = str(position)
    for line in content.splitlines():
        told, value = orjson.loads(line)
        headers = tuple((name, (there if name == POSITION else text).encode()) for name, text in told)
        yield Outgoing(topic, partition, desk.encode(), value.encode(), headers)


def require_known(topic: str, content: bytes) -> int:
    """Read each fact as a decider will; returns how many. Raises UnknownType, Malformed, ValueError."""
    found = list(read_facts(topic, 0, "", 0, content))
    for number, one in enumerate(found):
        key = dict(one.headers).get("ce_partitionkey")
        decode(Record(topic, 0, number, 0, key, one.value, one.headers))
    return len(found)


def number_of(record: Outgoing) -> int:
    return next(int(value) for name, value in record.headers if name == SEQUENCE)


async def there(broker: Broker, topic: str, partition: int, desk: str, begin: int) -> int:
    """How many of the desk's facts an import that was cut short has appended here."""
    count = 0
    async for _ in facts(broker, topic, partition, desk, begin):
        count += 1
    return count


def beyond(records: Iterator[Outgoing], count: int) -> Sequence[Outgoing]:
    """Those that are not there yet."""
    return [record for record in records if number_of(record) > count]
