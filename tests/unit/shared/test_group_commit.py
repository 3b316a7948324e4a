"""One thread writes for everybody; nobody hears of success before the commit is over."""

import asyncio
import threading

import pytest

from shared.group_commit import COMMIT_BYTES, WAITING_BYTES, Committed, GroupCommit, Overloaded

pytestmark = pytest.mark.anyio


class Gate:
    """A commit that stands still until it is let through, as an fsync does."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.began = threading.Event()
        self.go = threading.Event()
        self.heard: list[str] = []
        self.ended = False

    def commit(self, jobs: list[str]) -> Committed[str]:
        self.batches.append(jobs)
        self.began.set()
        assert self.go.wait(20)
        if "bug" in jobs:
            raise RuntimeError("a bug in the commit")
        outcomes = [ValueError(job) if job == "bad" else job.upper() for job in jobs]
        return Committed(outcomes, lambda: self.heard.append("published"))

    def last(self) -> None:
        self.ended = True


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def begun(gate: Gate) -> None:
    assert await asyncio.to_thread(gate.began.wait, 20)


async def test_nobody_is_told_before_the_commit_returned(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    future = writer.submit("a", 1)
    await begun(gate)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not future.done()
    gate.go.set()
    assert await future == "A"
    await writer.close()


async def test_who_comes_during_a_commit_shares_the_next(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    first = writer.submit("a", 1)
    await begun(gate)
    rest = [writer.submit(job, 1) for job in "bcd"]
    gate.go.set()
    assert await asyncio.gather(first, *rest) == ["A", "B", "C", "D"]
    assert gate.batches == [["a"], ["b", "c", "d"]]
    await writer.close()


async def test_a_commit_is_bounded(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    first = writer.submit("a", 1)
    await begun(gate)
    rest = [writer.submit(job, COMMIT_BYTES // 2) for job in "bcde"]
    gate.go.set()
    await asyncio.gather(first, *rest)
    assert gate.batches == [["a"], ["b", "c"], ["d", "e"]]
    await writer.close()


async def test_memory_is_published_before_the_callers_hear(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    future = writer.submit("a", 1)
    future.add_done_callback(lambda _: gate.heard.append("told"))
    gate.go.set()
    await future
    await asyncio.sleep(0)
    assert gate.heard == ["published", "told"]
    await writer.close()


async def test_a_job_that_fails_fails_alone(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    gate.go.set()
    results = await asyncio.gather(*(writer.submit(job, 1) for job in ("a", "bad", "c")), return_exceptions=True)
    assert (results[0], results[2]) == ("A", "C")
    assert isinstance(results[1], ValueError)
    await writer.close()


async def test_a_bug_in_the_commit_does_not_end_the_writer(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    gate.go.set()
    with pytest.raises(RuntimeError, match="a bug"):
        await writer.submit("bug", 1)
    assert await writer.submit("a", 1) == "A"
    await writer.close()


async def test_too_much_waiting_is_refused_until_it_is_written(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    first = writer.submit("a", WAITING_BYTES + 1)
    with pytest.raises(Overloaded):
        writer.submit("b", 1)
    gate.go.set()
    await first
    assert await writer.submit("c", 1) == "C"
    await writer.close()


async def test_closing_writes_what_waits_and_then_nothing_more(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    futures = [writer.submit(job, COMMIT_BYTES) for job in "abc"]
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0)
    gate.go.set()
    await closing
    assert await asyncio.gather(*futures) == ["A", "B", "C"]
    assert gate.ended
    with pytest.raises(Overloaded, match="closed"):
        writer.submit("d", 1)
    await writer.close()


async def test_a_caller_who_left_is_passed_over(gate: Gate) -> None:
    writer = GroupCommit("writer", gate.commit, gate.last)
    futures = [writer.submit(job, 1) for job in ("a", "b")]
    futures[0].cancel()
    gate.go.set()
    assert await futures[1] == "B"
    assert gate.batches[0][0] == "a"
    await writer.close()
