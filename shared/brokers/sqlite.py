"""The embedded log: one SQLite file, one writer thread, group commit, fsync before the acknowledgement."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from shared.broker import Bounds, BrokerUnavailable, OffsetOutOfRange, Outgoing, Place, Record
from shared.brokers.sqlite_codec import READ_BYTES, encode
from shared.brokers.sqlite_file import read_range
from shared.brokers.sqlite_jobs import Append, Declare, Job, Outcome, Trim
from shared.brokers.sqlite_log import Log, Runs
from shared.brokers.tail import Tails
from shared.clock import SECOND, Clock, Ms
from shared.group_commit import GroupCommit, Overloaded
from shared.sqlite import Hold, Readers, connect


class SqliteBroker:
    """A Broker in one file, for one process. Raises InUse when another one has it open, WrongFile."""

    def __init__(self, path: Path, partitions: int, clock: Clock) -> None:
        self._partitions = partitions
        self._tails = Tails()
        self._hold = Hold(path)
        try:
            self.log = Log(connect(path), partitions, clock, self._publish)
        except BaseException:
            self._hold.release()
            raise
        for where, bounds in self.log.bounds().items():
            tail = self._tails.of(*where)
            tail.first, tail.next = bounds.first, bounds.next
        self._topic_ids: dict[str, str] = {}
        self._readers = Readers("log reader", path)
        self._writer: GroupCommit[Job, Outcome] = GroupCommit("log writer", self.log.commit, self.log.close)
        self._closed = False

    @property
    def partitions(self) -> int:
        return self._partitions

    async def append(self, records: Sequence[Outgoing]) -> list[Place]:
        frames = [encode(record) for record in records]
        for record in records:
            self._check(record.partition)
        if not records:
            return []
        return cast("list[Place]", await self._submit(Append(tuple(records), frames), sum(map(len, frames))))

    async def read(self, topic: str, partition: int, start: int, limit: int = 500) -> list[Record]:
        self._check(partition)
        if limit < 1:
            raise ValueError(f"a read of {limit} records")
        tail = self._tails.of(topic, partition)
        if start < tail.first:
            raise OffsetOutOfRange(f"{topic}/{partition} begins at {tail.first}; {start} is gone")
        if start >= tail.next:
            return []
        found = tail.read(start, limit, READ_BYTES)
        if found is None:
            found = await self._read_file(topic, partition, start, limit)
        if not found or found[0].offset != start:
            raise OffsetOutOfRange(f"{topic}/{partition} no longer holds {start}")
        return found

    async def wait(self, topic: str, partition: int, start: int, timeout: Ms) -> bool:
        self._check(partition)
        tail = self._tails.of(topic, partition)
        if tail.next > start:
            return True
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        patience = loop.call_later(timeout / SECOND, _give_up, future)
        tail.waiting[future] = start
        try:
            return await future
        finally:
            patience.cancel()
            del tail.waiting[future]

    async def bounds(self, topic: str, partition: int) -> Bounds:
        self._check(partition)
        return self._tails.of(topic, partition).bounds()

    def end(self, topic: str, partition: int) -> int | None:
        return self._tails.of(topic, partition).next

    async def topic_id(self, topic: str) -> str:
        known = self._topic_ids.get(topic)
        if known is None:
            known = self._topic_ids[topic] = cast("str", await self._submit(Declare(topic), 0))
        return known

    async def trim(self, topic: str, partition: int, before: Ms) -> int:
        """Forget records the log took before `before`, in whole commits; returns the first offset kept."""
        self._check(partition)
        tail = self._tails.of(topic, partition)
        while True:
            first = cast("int", await self._submit(Trim(topic, partition, before), 0))
            if first <= tail.first:
                return tail.first
            tail.first = first

    async def close(self) -> None:
        self._closed = True
        await self._writer.close()
        self._tails.wake_all()
        self._readers.close()
        self._hold.release()

    def _publish(self, runs: Runs) -> None:
        for (topic, partition), run in runs.items():
            self._tails.extend(topic, partition, run.records, [*map(len, run.frames)])

    async def _submit(self, job: Job, size: int) -> Outcome:
        try:
            return await self._writer.submit(job, size)
        except Overloaded as error:
            raise BrokerUnavailable(f"the log takes nothing now: {error}") from error

    async def _read_file(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
        if self._closed:
            raise BrokerUnavailable("the log is closed")
        try:
            return await self._readers.run(lambda connection: read_range(connection, topic, partition, start, limit))
        except sqlite3.Error as error:
            raise BrokerUnavailable(f"the log's file: {error}") from error

    def _check(self, partition: int) -> None:
        if not 0 <= partition < self._partitions:
            raise ValueError(f"partition {partition} of {self._partitions}")


def _give_up(future: "asyncio.Future[bool]") -> None:
    if not future.done():
        future.set_result(False)
