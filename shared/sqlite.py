"""How Sanad opens SQLite files: durable writes by one connection, reads by others, one writing process per file."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock, local
from typing import Any, TypeVar

Statement = tuple[str, Sequence[Any]]
Result = TypeVar("Result")

READ_THREADS = 2


class InUse(Exception):
    """Another process, or another engine of this one, has the file open for writing."""


class WrongFile(Exception):
    """The file belongs to another kind of store, a newer Sanad, or other settings."""


class Hold:
    """The right to write a file: an advisory lock on its neighbour `<name>.lock`, gone with the process."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise InUse(f"{path} is already open in process {holder}: stop that one first") from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let others write. Idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode; a commit of a writing one returns after fsync (WAL, synchronous=FULL)."""
    if not read_only:
        # Customers' text lies here: sqlite itself would let everybody read it, and gives its side files the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return connection
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -8192")
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def claim(connection: sqlite3.Connection, kind: int, version: int) -> bool:
    """Mark a new file as ours; True when it was new. Raises WrongFile for a foreign or newer one."""
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    stored = connection.execute("PRAGMA user_version").fetchone()[0]
    if found not in {0, kind}:
        raise WrongFile(f"a file of kind {found:x} was found where {kind:x} belongs")
    if stored > version:
        raise WrongFile(f"the file has format {stored}, this Sanad knows {version}: upgrade Sanad")
    if found == kind:
        return False
    connection.execute(f"PRAGMA application_id = {kind}")
    connection.execute(f"PRAGMA user_version = {version}")
    return True


def transact(connection: sqlite3.Connection, statements: Sequence[Statement]) -> None:
    """All statements or none, durable on return.

    A single statement is its own transaction: each step of sqlite gives the interpreter lock away and must queue for
    it again behind a busy event loop, so fewer steps are worth more than their own cost.
    """
    if len(statements) == 1:
        connection.execute(*statements[0])
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(*statement)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class Readers:
    """Threads that read beside the writer, each with its own connection."""

    def __init__(self, name: str, path: Path) -> None:
        self._path = path
        self._own = local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(READ_THREADS, thread_name_prefix=name)

    async def run(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `read` returns, off the event loop. Raises sqlite3.Error, RuntimeError after `close`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, read)

    def _call(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = connect(self._path, read_only=True)
            with self._lock:
                self._opened.append(connection)
        return read(connection)

    def close(self) -> None:
        """Finish running reads. Idempotent."""
        self._threads.shutdown(wait=True)
        for connection in self._opened:
            connection.close()
        self._opened.clear()
