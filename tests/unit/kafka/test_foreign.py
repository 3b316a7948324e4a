"""What a test does to a node's log is what the node's own wrong clock would have done, as a reader of batches sees it."""

from pathlib import Path
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from tests.engines.foreign import take_by_a_wrong_clock

RIGHT, WRONG = 1_700_000_000_000, 1_700_003_000_000
TAKEN_BY_THE_NODE = 0x08
"""Of a batch's attributes: the log's own times count."""


def batch(first: int, *values: bytes) -> bytes:
    """As a node keeps it."""
    builder: Any = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 20)
    for number, value in enumerate(values):
        builder.append(number, RIGHT, None, value, [])
    content = bytearray(builder.build())
    content[:8] = first.to_bytes(8)
    content[22] |= TAKEN_BY_THE_NODE
    content[17:21] = int(calc_crc32c(bytes(content[21:]))).to_bytes(4)
    return bytes(content)


def read(content: bytes) -> list[tuple[int, int, bytes]]:
    """Offset, time and value of each record. A sum that is wrong fails."""
    found, place = [], 0
    while place < len(content):
        length = 12 + int.from_bytes(content[place + 8 : place + 12])
        one: Any = DefaultRecordBatch(content[place : place + length])
        assert one.validate_crc()
        found += [(record.offset, record.timestamp, record.value) for record in one]
        place += length
    return found


@pytest.mark.parametrize("before", [[], [b"one", b"two"]])
def test_only_the_last_batch_was_taken_at_another_time(tmp_path: Path, before: list[bytes]) -> None:
    segment = tmp_path / "00000000000000000000.log"
    earlier = batch(0, *before) if before else b""
    segment.write_bytes(earlier + batch(len(before), b"three", b"four"))
    with pytest.raises(AssertionError):  # its sum is looked at
        read(segment.read_bytes().replace(b"three", b"thr33"))
    assert take_by_a_wrong_clock(segment, WRONG) == len(before)
    found = [(number, RIGHT, value) for number, value in enumerate(before)]
    found += [(len(before) + number, WRONG, value) for number, value in enumerate((b"three", b"four"))]
    assert read(segment.read_bytes()) == found
