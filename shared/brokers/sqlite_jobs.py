"""What the writer thread is asked for, and what one commit adds to a partition."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.broker import Outgoing, Place, Record
from shared.clock import Ms

SEGMENT_RECORDS, SEGMENT_BYTES = 512, 1 << 20


@dataclass(frozen=True, slots=True)
class Append:
    """Records of one call, already encoded."""

    records: Sequence[Outgoing]
    frames: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Trim:
    """Forget whole segments older than `before`, a few hundred at a time."""

    topic: str
    partition: int
    before: Ms


@dataclass(frozen=True, slots=True)
class Declare:
    """Give a topic its identity."""

    topic: str


Job = Append | Trim | Declare
Outcome = list[Place] | int | str


@dataclass(slots=True)
class Run:
    """What one commit adds to a partition."""

    appended_at: Ms
    records: list[Record] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)

    def take(self, outgoing: Outgoing, frame: bytes, offset: int) -> Place:
        """Add a record; returns where it will lie."""
        topic, partition, at, one = outgoing.topic, outgoing.partition, self.appended_at, outgoing
        self.records.append(Record(topic, partition, offset, at, one.key, one.value, one.headers, one.decoded))
        self.frames.append(frame)
        return Place(topic, partition, offset, at)

    def rows(self, number: int) -> list[tuple[int, int, int, int, int, bytes]]:
        """As segments, none so long that reading a part of it hurts."""
        rows = []
        first, partition = self.records[0].offset, self.records[0].partition
        begin = size = 0
        for index, frame in enumerate(self.frames):
            size += len(frame)
            full = size >= SEGMENT_BYTES or index + 1 - begin >= SEGMENT_RECORDS
            if full or index + 1 == len(self.frames):
                content = b"".join(self.frames[begin : index + 1])
                rows.append((number, partition, first + begin, first + index + 1, self.appended_at, content))
                begin, size = index + 1, 0
        return rows
