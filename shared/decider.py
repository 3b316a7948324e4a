"""The fold of router, sla and survey: per desk a state, a dense seq, and rules that yield facts (design: R2, R4, R5)."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Generic

import orjson

from shared.broker import Record
from shared.catalogue.codec import Malformed, decode
from shared.catalogue.envelope import Envelope
from shared.clock import Ms
from shared.draft import Draft
from shared.emissions import BROKEN, Output, Unreadable
from shared.fold import Gap, Spoiled
from shared.logic import Line, Logic, S, State
from shared.tables import Table

__all__ = ["Decider", "Line", "Logic", "State"]

REST_EVERY = 64
"""Records. Tables fill by less than a bucket meanwhile, and they lay down one at a time."""

PUBLISHED = "published"
"""Chunk: how far the own topic reached when a rebuild began. A rebuild that is interrupted may not ask again either."""


class Decider(Generic[S]):
    """A Fold over all desks of one partition."""

    def __init__(self, logic: Logic[S], partition: int) -> None:
        self._logic = logic
        self._partition = partition
        self._lines: dict[str, Line[S]] = {}
        self._condemned: set[int] = set()
        self._groups: dict[str, list[Envelope]] = {}
        self._published = -1

    @property
    def recovers_from(self) -> str | None:
        return self._logic.topic.name

    @property
    def states(self) -> Mapping[str, S]:
        """The desks' states, to look at."""
        return {desk: line.state for desk, line in self._lines.items()}

    @property
    def written(self) -> Mapping[str, int]:
        """How many facts each desk has."""
        return {desk: line.seq for desk, line in self._lines.items()}

    def apply(self, record: Record) -> list[Output]:
        try:
            envelope = decode(record)
        except Malformed as fault:
            return [Unreadable(record, str(fault))]
        line = self._line(envelope)
        at = max(line.time, envelope.time if envelope.seq else record.appended_at)
        if envelope.seq:
            if envelope.seq <= line.mark:
                return []
            if envelope.seq != line.mark + 1:
                raise Gap(f"{record.topic} {envelope.desk}: seq {envelope.seq} after {line.mark}")
        self._rest(line)
        outputs = self._emit(line, envelope, at, record)
        if envelope.seq:
            line.mark, line.time = envelope.seq, at
        # what was published before a rebuild is decided again but not sent again; the last group may be half there
        return [] if record.offset < self._published else outputs

    def timers(self) -> dict[str, tuple[str, Ms]]:
        due = ((line, self._logic.next_timer(line.state)) for line in self._lines.values())
        return {line.desk: (line.organisation, at) for line, at in due if at is not None}

    def condemn(self, offset: int) -> None:
        self._condemned.add(offset)

    def _line(self, envelope: Envelope) -> Line[S]:
        line = self._lines.get(envelope.desk)
        if line is None:
            state = self._logic.open(envelope.desk, envelope.organisation)
            line = self._lines[envelope.desk] = Line(envelope.desk, envelope.organisation, state)
        return line

    def _rest(self, line: Line[S]) -> None:
        """Between two records nobody holds a row."""
        line.taken += 1
        if line.taken % REST_EVERY == 0:
            for table in line.state.tables().values():
                table.rest()

    def _emit(self, line: Line[S], envelope: Envelope, at: Ms, record: Record) -> list[Output]:
        """All outputs of one record. A rule that fails leaves the state as it was, or is reported as Spoiled."""
        broken: list[Output] = []
        if record.offset in self._condemned:
            rule = self._logic.broken(line.state, envelope)
            broken = [Unreadable(record, BROKEN)]
        else:
            rule = self._logic.decide(line.state, envelope, at)
        draft = Draft(self._logic, line, envelope, at, record.offset)
        try:
            draft.take(rule)
            records = draft.records(self._partition)
        except (MemoryError, RecursionError):
            raise
        except Exception as fault:
            if broken:
                raise
            if self._logic.folds_own and not draft.begun:
                # nothing but facts changes such a state, and there is none yet: no need to load again
                self._condemned.add(record.offset)
                return self._emit(line, envelope, at, record)
            raise Spoiled(record.offset) from fault
        return [*records, *broken]

    def recover(self, own: Record) -> int | None:
        envelope = decode(own)
        if not self._logic.folds_own:
            self._published = max(self._published, envelope.position)
            return None
        line = self._line(envelope)
        group = self._groups.setdefault(line.desk, [])
        newest = group[-1].seq if group else line.seq
        if envelope.seq <= newest:
            return None
        if envelope.seq != newest + 1:
            raise Gap(f"{own.topic} {line.desk}: seq {envelope.seq} after {newest}")
        group.append(envelope)
        if not envelope.last:
            return None
        self._rest(line)
        for fact in group:
            self._logic.evolve(line.state, fact.body, fact.time)
            line.time = fact.time
            line.delivered += isinstance(fact.body, self._logic.counts or ())
        line.seq = envelope.seq
        group.clear()
        return envelope.position + 1

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        frozen: list[tuple[str, Table[Any], int]] = []
        rests: list[tuple[str, bytes]] = []
        for desk, line in self._lines.items():
            tables = line.state.tables()
            for name, table in tables.items():
                frozen += [(f"{desk}/{name}/{bucket}", table, bucket) for bucket in table.freeze()]
            own = {
                "organisation": line.organisation, "time": line.time, "seq": line.seq, "delivered": line.delivered,
                "mark": line.mark, "slots": {name: table.next_slot for name, table in tables.items()},
            }  # fmt: skip
            rests.append((f"{desk}/rest", orjson.dumps([own, line.state.rest()])))
        if self._published >= 0:
            rests.append((PUBLISHED, b"%d" % self._published))
        return chain(rests, ((name, table.write(bucket)) for name, table, bucket in frozen))

    def unsaved(self) -> None:
        for line in self._lines.values():
            for table in line.state.tables().values():
                table.soil()

    def load(self, chunks: Mapping[str, bytes]) -> None:
        self._published = int(chunks.get(PUBLISHED, self._published))
        for name in sorted(name for name in chunks if name.endswith("/rest")):
            desk = name.removesuffix("/rest")
            own, rest = orjson.loads(chunks[name])
            slots = own.pop("slots")
            line = Line(desk, state=self._logic.open(desk, own["organisation"]), **own)
            for table_name, table in line.state.tables().items():
                prefix = f"{desk}/{table_name}/"
                buckets = sorted(int(chunk.removeprefix(prefix)) for chunk in chunks if chunk.startswith(prefix))
                for bucket in buckets:
                    table.load(chunks[f"{prefix}{bucket}"])
                table.next_slot = slots[table_name]
            line.state.restore(rest)
            self._lines[desk] = line
