"""One writer thread that takes all waiting jobs into one commit: many callers share one fsync.

A caller's future is resolved only after the commit returned. The loop is woken once per commit, not once per job.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

COMMIT_BYTES = 4 << 20
WAITING_BYTES = 64 << 20


class Overloaded(Exception):
    """More is waiting to be written than memory should hold, or the writer is closed."""


@dataclass(frozen=True, slots=True)
class Committed(Generic[Result]):
    """What came of each job, in order, and what to do on the event loop before their callers hear of it."""

    outcomes: Sequence[Result | Exception]
    publish: Callable[[], None] | None = None


@dataclass(slots=True)
class Waiting(Generic[Job, Result]):
    """A job in the queue and who waits for it."""

    job: Job
    size: int
    future: "asyncio.Future[Result]"


class GroupCommit(Generic[Job, Result]):
    """Hands jobs to `commit` in the order they were submitted. `commit` runs in the writer thread, one at a time."""

    def __init__(self, name: str, commit: Callable[[list[Job]], Committed[Result]], last: Callable[[], None]) -> None:
        self._commit = commit
        self._last = last
        self._queue: SimpleQueue[Waiting[Job, Result] | None] = SimpleQueue()
        self._waiting_bytes = 0
        self._closed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job, size: int) -> "asyncio.Future[Result]":
        """Queue a job of about `size` bytes. Raises Overloaded."""
        if self._closed:
            raise Overloaded("closed")
        if self._waiting_bytes > WAITING_BYTES:
            raise Overloaded(f"{self._waiting_bytes} bytes are waiting to be written")
        self._waiting_bytes += size
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.put(Waiting(job, size, future))
        return future

    async def close(self) -> None:
        """Commit what is queued, then end the thread. Idempotent."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    def _run(self) -> None:
        while batch := self._next_batch():
            try:
                committed = self._commit([waiting.job for waiting in batch])
            except Exception as error:  # noqa: BLE001 - a broken job must not end the thread all others wait for
                committed = Committed([error] * len(batch))
            try:
                batch[0].future.get_loop().call_soon_threadsafe(self._settle, batch, committed)
            except RuntimeError:
                continue  # The loop is gone, and with it everyone who waited; what is queued is still written.
        self._last()

    def _next_batch(self) -> list[Waiting[Job, Result]]:
        """All that waits, up to the size of a commit; empty when closed."""
        first = self._queue.get()
        if first is None:
            return []
        batch, size = [first], first.size
        while size < COMMIT_BYTES and not self._queue.empty():
            waiting = self._queue.get()
            if waiting is None:
                self._queue.put(None)
                break
            batch.append(waiting)
            size += waiting.size
        return batch

    def _settle(self, batch: list[Waiting[Job, Result]], committed: Committed[Result]) -> None:
        if committed.publish is not None:
            committed.publish()
        for waiting, outcome in zip(batch, committed.outcomes, strict=True):
            self._waiting_bytes -= waiting.size
            if waiting.future.done():
                continue
            if isinstance(outcome, Exception):
                waiting.future.set_exception(outcome)
            else:
                waiting.future.set_result(outcome)
