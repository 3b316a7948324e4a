"""The log's file: its tables, and what is read from them."""

import sqlite3
from dataclasses import dataclass

from shared.broker import Bounds, Record
from shared.brokers.sqlite_codec import READ_BYTES, Segment, decode
from shared.clock import Ms
from shared.sqlite import WrongFile, claim, transact

KIND, VERSION = 0x53414E4C, 1  # "SANL"

SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE topics (topic INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, id TEXT NOT NULL);
CREATE TABLE segments (topic INTEGER NOT NULL, partition INTEGER NOT NULL, first INTEGER NOT NULL,
    next INTEGER NOT NULL, appended_at INTEGER NOT NULL, content BLOB NOT NULL);
CREATE UNIQUE INDEX segments_by_offset ON segments (topic, partition, first);
CREATE TABLE trimmed (topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    appended_at INTEGER NOT NULL, PRIMARY KEY (topic, partition)) WITHOUT ROWID;
"""
INSERT = "INSERT INTO segments (topic, partition, first, next, appended_at, content) VALUES "
OLDEST = "SELECT first FROM segments WHERE topic = ? AND partition = ? ORDER BY first LIMIT 1"
NEWEST = "SELECT next, appended_at FROM segments WHERE topic = ? AND partition = ? ORDER BY first DESC LIMIT 1"
TRIMMED = "SELECT next, appended_at FROM trimmed WHERE topic = ? AND partition = ?"
RANGE = """SELECT first, appended_at, content FROM segments WHERE topic = ?1 AND partition = ?2 AND first >=
    (SELECT max(first) FROM segments WHERE topic = ?1 AND partition = ?2 AND first <= ?3) ORDER BY first LIMIT ?4"""
OLD = """SELECT max(first), max(next), max(appended_at) FROM
    (SELECT first, next, appended_at FROM segments WHERE topic = ? AND partition = ? ORDER BY first LIMIT 256)
    WHERE appended_at < ?"""
FORGET = """INSERT INTO trimmed VALUES (?, ?, ?, ?) ON CONFLICT (topic, partition)
    DO UPDATE SET next = excluded.next, appended_at = excluded.appended_at"""
DROP = "DELETE FROM segments WHERE topic = ? AND partition = ? AND first <= ?"
TOPICS = "SELECT name, topic, id FROM topics"

Topic = tuple[int, str]
"""Number in this file, and identity."""


@dataclass(slots=True)
class End:
    """Where a partition ends: the next offset, and the time no later record may be before."""

    next: int
    appended_at: Ms


def prepare(connection: sqlite3.Connection, partitions: int) -> None:
    """Create the tables in a new file. Raises WrongFile when this one was installed differently."""
    if claim(connection, KIND, VERSION):
        connection.executescript(SCHEMA)
        transact(connection, [("INSERT INTO settings VALUES ('partitions', ?)", (partitions,))])
    (stored,) = connection.execute("SELECT value FROM settings WHERE name = 'partitions'").fetchone()
    if stored != partitions:
        raise WrongFile(f"the log has {stored} partitions, the settings say {partitions}: it is fixed at install")


def read_topics(connection: sqlite3.Connection) -> dict[str, Topic]:
    """All topics by name."""
    return {name: (number, identity) for name, number, identity in connection.execute(TOPICS).fetchall()}


def read_end(connection: sqlite3.Connection, number: int, partition: int) -> End:
    """Where a partition of topic `number` ends, also when all of it is trimmed."""
    for question in (NEWEST, TRIMMED):
        if found := connection.execute(question, (number, partition)).fetchone():
            return End(*found)
    return End(0, 0)


def read_bounds(connection: sqlite3.Connection, number: int, partition: int) -> Bounds:
    """The bounds of a partition of topic `number`."""
    oldest = connection.execute(OLDEST, (number, partition)).fetchone()
    end = read_end(connection, number, partition)
    return Bounds(oldest[0] if oldest else end.next, end.next)


def read_range(connection: sqlite3.Connection, topic: str, partition: int, start: int, limit: int) -> list[Record]:
    """Up to `limit` records from the file; [] when `start` is gone."""
    number = connection.execute("SELECT topic FROM topics WHERE name = ?", (topic,)).fetchone()
    if number is None:
        return []
    segments: list[Segment] = []
    held = size = 0
    for row in connection.execute(RANGE, (number[0], partition, start, limit + 1)):
        segment = Segment(*row)
        segments.append(segment)
        size += len(segment.content)
        held = segment.first
        if held - start >= limit or size > 2 * READ_BYTES:
            break
    return decode(segments, topic, partition, start, limit)
