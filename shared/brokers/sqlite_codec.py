"""Records as bytes: a segment is a run of records of one commit, stored as one row.

A row per record would cost one queueing for the interpreter lock each; a row per run costs one per commit.
Layout of a record, little-endian: u16 count of headers n; u32 lengths of key, value, then name and value of each
header (2 + 2n of them); then these bytes in the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct

from shared.broker import MAX_RECORD_BYTES, Outgoing, Record, RecordTooLarge
from shared.clock import Ms

COUNT = Struct("<H")
READ_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Segment:
    """A stored run of records: consecutive offsets from `first`, all taken by the log at the same time."""

    first: int
    appended_at: Ms
    content: bytes


@lru_cache(maxsize=256)
def lengths_of(headers: int) -> Struct:
    """The lengths of a record with so many headers."""
    return Struct(f"<{2 + 2 * headers}I")


def encode(record: Outgoing) -> bytes:
    """The record as stored. Raises RecordTooLarge."""
    parts = [record.key, record.value]
    for name, value in record.headers:
        parts.append(name.encode())
        parts.append(value)
    lengths = [*map(len, parts)]
    if sum(lengths) > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"{sum(lengths)} bytes for {record.topic}; the limit is {MAX_RECORD_BYTES}")
    headers = len(record.headers)
    return b"".join((COUNT.pack(headers), lengths_of(headers).pack(*lengths), *parts))


def decode(segments: Sequence[Segment], topic: str, partition: int, start: int, limit: int) -> list[Record]:
    """Up to `limit` records from offset `start`, fewer when they grow beyond READ_BYTES (never none)."""
    records: list[Record] = []
    size = 0
    for segment in segments:
        offset, at, content = segment.first, 0, segment.content
        while at < len(content):
            (headers,) = COUNT.unpack_from(content, at)
            layout = lengths_of(headers)
            lengths = layout.unpack_from(content, at + 2)
            begin = at + 2 + layout.size
            at = begin + sum(lengths)
            if offset >= start:
                size += at - begin
                if records and (len(records) == limit or size > READ_BYTES):
                    return records
                key, value, pairs = _parts(content, begin, lengths)
                records.append(Record(topic, partition, offset, segment.appended_at, key, value, pairs))
            offset += 1
    return records


def _parts(content: bytes, at: int, lengths: tuple[int, ...]) -> tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]:
    parts = []
    for length in lengths:
        parts.append(content[at : at + length])
        at += length
    names = [name.decode() for name in parts[2::2]]
    return parts[0], parts[1], tuple(zip(names, parts[3::2], strict=True))
