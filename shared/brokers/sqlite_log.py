"""The writer thread's side of the log: jobs into transactions."""

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import suppress

from shared.broker import Bounds, BrokerUnavailable, Place
from shared.brokers.sqlite_file import (
    DROP,
    FORGET,
    INSERT,
    OLD,
    End,
    Topic,
    prepare,
    read_bounds,
    read_end,
    read_topics,
)
from shared.brokers.sqlite_jobs import Append, Declare, Job, Outcome, Run, Trim
from shared.clock import Clock, Ms
from shared.group_commit import Committed
from shared.sqlite import Statement, transact

ROWS = 64
MARKS = "(?, ?, ?, ?, ?, ?)"

Runs = dict[tuple[str, int], Run]


class Log:
    """Owns the writing connection. After any failure positions are read from the file again: memory never runs ahead."""

    def __init__(
        self, connection: sqlite3.Connection, partitions: int, clock: Clock, publish: Callable[[Runs], None]
    ) -> None:
        prepare(connection, partitions)
        self.connection, self._clock, self._publish = connection, clock, publish
        self._partitions = partitions
        self._topics: dict[str, Topic] = {}
        self._ends: dict[tuple[str, int], End] = {}
        self._stale = True

    def commit(self, jobs: list[Job]) -> Committed[Outcome]:
        """One transaction for all appends; the rest one by one."""
        outcomes: dict[int, Outcome | Exception] = {}
        appends = [job for job in jobs if isinstance(job, Append)]
        runs: Runs = {}
        try:
            if appends:
                places, runs = self._append(appends)
                outcomes = dict(zip(map(id, appends), places, strict=True))
        except sqlite3.Error as error:
            outcomes = {id(job): _unavailable(error) for job in appends}
        for job in jobs:
            if not isinstance(job, Append):
                outcomes[id(job)] = self._run(job)
        return Committed([outcomes[id(job)] for job in jobs], lambda: self._publish(runs))

    def close(self) -> None:
        """Fold the write-ahead log into the file, and let go."""
        with suppress(sqlite3.Error):
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()

    def bounds(self) -> dict[tuple[str, int], Bounds]:
        """The bounds of all partitions, from the file."""
        return {
            (name, partition): read_bounds(self.connection, number, partition)
            for name, (number, _) in read_topics(self.connection).items()
            for partition in range(self._partitions)
        }

    def _append(self, jobs: list[Append]) -> tuple[list[list[Place]], Runs]:
        if self._stale:
            self._topics = read_topics(self.connection)
            self._ends.clear()
        self._stale = True
        runs: Runs = {}
        now = self._clock.now()
        places = [self._take(job, runs, now) for job in jobs]
        rows = [row for (topic, _), run in runs.items() for row in run.rows(self._topic(topic)[0])]
        statements: list[Statement] = []
        for begin in range(0, len(rows), ROWS):
            part = rows[begin : begin + ROWS]
            statements.append((INSERT + ", ".join([MARKS] * len(part)), [value for row in part for value in row]))
        transact(self.connection, statements)
        self._stale = False
        return places, runs

    def _take(self, job: Append, runs: Runs, now: Ms) -> list[Place]:
        places = []
        for record, frame in zip(job.records, job.frames, strict=True):
            where = (record.topic, record.partition)
            run = runs.get(where)
            end = self._ends.get(where)
            if end is None:
                end = self._ends[where] = read_end(self.connection, self._topic(record.topic)[0], record.partition)
            if run is None:
                end.appended_at = max(end.appended_at, now)
                run = runs[where] = Run(end.appended_at)
            places.append(run.take(record, frame, end.next))
            end.next += 1
        return places

    def _topic(self, name: str) -> Topic:
        known = self._topics.get(name)
        if known is None:
            new = (name, str(uuid.uuid4()))
            transact(self.connection, [("INSERT INTO topics (name, id) VALUES (?, ?) ON CONFLICT DO NOTHING", new)])
            known = self._topics[name] = read_topics(self.connection)[name]
        return known

    def _run(self, job: Trim | Declare) -> Outcome | Exception:
        try:
            number, identity = self._topic(job.topic)
            return identity if isinstance(job, Declare) else self._trim(number, job)
        except sqlite3.Error as error:
            return _unavailable(error)

    def _trim(self, number: int, job: Trim) -> int:
        where = (number, job.partition)
        first, following, appended_at = self.connection.execute(OLD, (*where, job.before)).fetchone()
        if first is not None:
            transact(self.connection, [(FORGET, (*where, following, appended_at)), (DROP, (*where, first))])
        return read_bounds(self.connection, *where).first


def _unavailable(error: sqlite3.Error) -> BrokerUnavailable:
    return BrokerUnavailable(f"the log's file: {error}")
