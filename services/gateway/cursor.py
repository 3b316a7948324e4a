"""Cursors of the live feed and of exports: the marks of the topics read, opaque to whoever holds them."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from shared.catalogue.topics import DESK, SLA, SURVEYS

TOPICS = (DESK.name, SLA.name, SURVEYS.name)
LONGEST_CURSOR = 1_024


class CursorRefused(Exception):
    """`reason` is `not_ours` (damaged, forged, of another desk), `other_log` or `too_old`: begin again without one."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Mark:
    """Read so far of one topic: the next offset, and the seq of the last event of this desk."""

    log: str
    offset: int
    seq: int


Marks = Mapping[str, Mark]


def write_cursor(desk: str, marks: Marks) -> str:
    """Opaque to whoever holds it; it opens nothing that the holder's credential does not."""
    places = [[marks[topic].log, marks[topic].offset, marks[topic].seq] for topic in TOPICS]
    return base64.urlsafe_b64encode(orjson.dumps([desk, places])).decode().rstrip("=")


def read_cursor(desk: str, cursor: str) -> Marks:
    """The marks of a cursor of this desk. Raises CursorRefused."""
    if len(cursor) > LONGEST_CURSOR:
        raise CursorRefused("not_ours")
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        owner, places = orjson.loads(raw)
        marks = {topic: Mark(*place) for topic, place in zip(TOPICS, places, strict=True)}
    except (binascii.Error, ValueError, TypeError):
        raise CursorRefused("not_ours") from None
    numbers = [number for mark in marks.values() for number in (mark.offset, mark.seq)]
    sound = all(type(number) is int and 0 <= number < 1 << 62 for number in numbers)
    if owner != desk or not sound or not all(isinstance(mark.log, str) for mark in marks.values()):
        raise CursorRefused("not_ours")
    return marks
