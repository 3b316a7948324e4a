"""Whose turn it is to write a projection's documents: its worker's, or that of somebody who repairs them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from shared.fold import Fold


class Writer(Protocol):
    """A worker, as seen by who holds its turn."""

    fold: Fold

    @property
    def position(self) -> int:
        """Everything below is applied and acknowledged."""


class Turns:
    """The workers of this process by name and partition. Each takes a run of records only in its own turn."""

    def __init__(self) -> None:
        self._writers: dict[tuple[str, int], tuple[Writer, asyncio.Lock]] = {}

    def enrol(self, name: str, partition: int, writer: Writer) -> asyncio.Lock:
        """Make a worker known; it works only under this lock."""
        lock = asyncio.Lock()
        self._writers[name, partition] = writer, lock
        return lock

    def dismiss(self, name: str, partition: int, writer: Writer) -> None:
        """Forget a worker, unless another one has its place already."""
        if self._is(name, partition, writer):
            del self._writers[name, partition]

    def has(self, name: str, partition: int) -> bool:
        """Whether such a worker is in this process."""
        return (name, partition) in self._writers

    @asynccontextmanager
    async def hold(self, name: str, partition: int) -> AsyncIterator[Writer]:
        """Keep the worker from going on, between two runs. Raises KeyError: no such worker in this process."""
        writer, lock = self._writers[name, partition]
        async with lock:
            # the wait may have been for its last run: what it wrote is another process's by now
            if not self._is(name, partition, writer):
                raise KeyError((name, partition))
            yield writer

    def _is(self, name: str, partition: int, writer: Writer) -> bool:
        """Whether this one has the place."""
        return self._writers.get((name, partition), (None,))[0] is writer
