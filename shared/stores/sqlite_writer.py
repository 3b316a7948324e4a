"""The writer thread's side of the documents: many callers' changes into one transaction, each key written once."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from shared.documents import Conflict, DocumentsUnavailable
from shared.group_commit import Committed
from shared.sqlite import Statement, transact
from shared.stores.sqlite_cache import UNKNOWN, Cache
from shared.stores.sqlite_table import Id, Op, Stored, Table

ROWS = 128


@dataclass(frozen=True, slots=True)
class Change:
    """One guarded write, frozen when it was asked for. `stored` None deletes."""

    table: Table
    op: Op
    patch: bool = False
    conditional: bool = False
    expected: int | None = None
    over: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """The changes of one call, all or none."""

    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Clear:
    """Delete a whole collection, or what one desk has in it."""

    table: Table
    desk: str | None


Job = Write | Clear


class Batch:
    """Folds changes over what is stored, and remembers what a transaction has to do."""

    def __init__(self, states: dict[Id, Stored | None]) -> None:
        self._states = states
        self.written: dict[Id, Stored | None] = {}
        self._ops: dict[Table, dict[object, Op]] = {}

    def apply(self, job: Write) -> int:
        """Fold the changes of a call; returns the seq of the last document. Raises Conflict."""
        seq = 0
        for change in job.changes:
            seq = self._fold(change)
        return seq

    def _fold(self, change: Change) -> int:
        op = change.op
        before, after = self._states[op.id], op.stored
        if change.conditional:
            if (before.seq if before else None) != change.expected:
                raise Conflict(f"{op.id[0]}: the document changed meanwhile")
        elif change.over is not None:
            if before is None or before.seq != change.over:
                return before.seq if before else 0
        elif after is not None and before is not None and before.seq >= after.seq:
            return before.seq
        if change.patch and after is not None:
            after, columns = change.table.merge(before, after)
            op = Op(op.id, after, columns)
        self._states[op.id] = self.written[op.id] = after
        ops = self._ops.setdefault(change.table, {})
        # Only the last state of a key needs writing, at its last place; but where fields must be unique, each
        # state on the way must be judged as if it had come alone.
        key: object = len(ops) if change.table.collection.unique else op.id
        ops.pop(key, None)
        ops[key] = op
        return after.seq if after else 0

    def statements(self) -> list[Statement]:
        """What the transaction has to do."""
        statements = []
        for table, ops in self._ops.items():
            for (deletes, desk), group in groupby(ops.values(), _kind):
                parts = in_parts([*group])
                if deletes:
                    statements += [table.delete(desk, [op.id[2] for op in part]) for part in parts]
                else:
                    statements += [table.upsert(part) for part in parts]
        return statements


class Writer:
    """Owns the writing connection. Memory follows the file: the cache is told after the commit, never before."""

    def __init__(self, connection: sqlite3.Connection, cache: Cache) -> None:
        self.connection, self._cache = connection, cache

    def commit(self, jobs: list[Job]) -> Committed[int]:
        """Neighbouring writes in one transaction."""
        outcomes: list[int | Exception] = []
        for clears, group in groupby(jobs, lambda job: isinstance(job, Clear)):
            together = [*group]
            if clears:
                outcomes += [self._clear(job) for job in together if isinstance(job, Clear)]
            else:
                outcomes += self._write([job for job in together if isinstance(job, Write)])
        return Committed(outcomes)

    def close(self) -> None:
        """Fold the write-ahead log into the file, and let go."""
        with suppress(sqlite3.Error):
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()

    def _write(self, jobs: list[Write]) -> list[int | Exception]:
        try:
            return self._write_together(jobs)
        except sqlite3.IntegrityError:
            if len(jobs) == 1:
                return [Conflict(f"{jobs[0].changes[0].op.id[0]}: a field that must be unique is taken")]
        except sqlite3.Error as error:
            self._cache.clear()
            return [_unavailable(error) for _ in jobs]
        except Exception as error:  # noqa: BLE001 - goes to the one caller whose change it is
            if len(jobs) == 1:
                return [error]
        # One of them breaks the transaction: alone, it breaks only its own.
        return [outcome for job in jobs for outcome in self._write([job])]

    def _write_together(self, jobs: list[Write]) -> list[int | Exception]:
        batch = Batch(self._load(jobs))
        outcomes: list[int | Exception] = []
        for job in jobs:
            try:
                outcomes.append(batch.apply(job))
            except Conflict as conflict:
                outcomes.append(conflict)
        if statements := batch.statements():
            transact(self.connection, statements)
            self._cache.update(batch.written)
        return outcomes

    def _load(self, jobs: list[Write]) -> dict[Id, Stored | None]:
        states: dict[Id, Stored | None] = {}
        missing: dict[tuple[Table, str], list[str]] = {}
        for job in jobs:
            for change in job.changes:
                one = change.op.id
                if one not in states:
                    known = self._cache.get(one)
                    states[one] = None if known is UNKNOWN else known
                    if known is UNKNOWN:
                        missing.setdefault((change.table, one[1]), []).append(one[2])
        for (table, desk), keys in missing.items():
            for begin in range(0, len(keys), ROWS):
                found = table.find(self.connection, desk, keys[begin : begin + ROWS])
                states |= {(table.collection.name, desk, key): stored for key, stored in found.items()}
        return states

    def _clear(self, job: Clear) -> int | Exception:
        name = job.table.name
        try:
            if job.desk is None:
                transact(self.connection, [(f"DELETE FROM {name}", ())])
            else:
                transact(self.connection, [(f"DELETE FROM {name} WHERE desk = ?", (job.desk,))])
        except sqlite3.Error as error:
            return _unavailable(error)
        finally:
            self._cache.clear()
        return 0


def _kind(op: Op) -> tuple[bool, str]:
    """Deletes are by desk, upserts need not be."""
    return (True, op.id[1]) if op.stored is None else (False, "")


def in_parts(ops: list[Op]) -> list[list[Op]]:
    """In lengths of three binary digits and noughts: two parts for nearly any length, and few different statements ever
    compiled. Each statement gives the interpreter lock away and queues for it again behind a busy loop."""
    parts = []
    while ops:
        spare = max(0, len(ops).bit_length() - 3)
        length = min(ROWS, len(ops) >> spare << spare)
        parts.append(ops[:length])
        ops = ops[length:]
    return parts


def _unavailable(error: sqlite3.Error) -> DocumentsUnavailable:
    return DocumentsUnavailable(f"the documents' file: {error}")
