"""The fold of all projections: facts of one topic in, documents out, a group of facts at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson

from services.gateway.handlers.holdings import Holdings
from services.gateway.handlers.sheet import Sheet, mark
from shared.broker import Record
from shared.catalogue.codec import Malformed, decode
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import Fact
from shared.clock import Ms
from shared.emissions import BROKEN, Output, Unreadable
from shared.fold import Gap, Spoiled

CONCERNED = ("ticket", "into", "former_into", "other", "former_ticket")


@dataclass(slots=True)
class Line:
    """One desk: what is written, what the open group adds, and what facts alone do not say."""

    desk: str
    mark: int = 0
    sheet: Sheet = field(default_factory=Sheet)
    holdings: Holdings = field(default_factory=Holdings)
    raw: bytes = b""


Row = Callable[[Line, Any, Ms], None]
Rows = Mapping[type[Fact], Row]


@dataclass(frozen=True, slots=True)
class Projection:
    """What a projector writes, and into what, beside its mark.

    `name` also names its checkpoints; `history` is where a ticket's facts are listed.
    """

    name: str
    topic: str
    rows: Rows
    history: str
    collections: tuple[str, ...]


class Projector:
    """A Fold. Deterministic: the same facts leave equal documents, from any checkpoint and from none (S9)."""

    recovers_from: str | None = None

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._concerned = {fact: _concerned(fact) for fact in projection.rows}
        self._lines: dict[str, Line] = {}
        self._condemned: set[int] = set()

    def apply(self, record: Record) -> list[Output]:
        try:
            envelope = decode(record)
        except Malformed as fault:
            return [Unreadable(record, str(fault))]
        line = self._lines.get(envelope.desk)
        if line is None:
            line = self._lines[envelope.desk] = Line(envelope.desk)
        if envelope.seq <= line.mark:
            return []
        if envelope.seq != line.mark + 1:
            raise Gap(f"{record.topic} {envelope.desk}: seq {envelope.seq} after {line.mark}")
        outputs: list[Output] = []
        if record.offset in self._condemned:
            outputs.append(Unreadable(record, BROKEN))
        else:
            self._enter(line, envelope, record)
        line.mark = envelope.seq
        if envelope.last:
            outputs += self._close(line, envelope, record.offset)
        return outputs

    def _enter(self, line: Line, envelope: Envelope, record: Record) -> None:
        fact = envelope.body
        line.raw = record.value
        try:
            tickets = [ticket for name in self._concerned[type(fact)] if (ticket := getattr(fact, name)) is not None]
            tickets += line.holdings.ticket_of(fact) if not tickets else ()
            for ticket in tickets:
                entry = {"seq": envelope.seq, "type": envelope.type, "fact": orjson.loads(record.value)}
                line.sheet.enter(ticket, entry)
            self._projection.rows[type(fact)](line, fact, envelope.time)
        except Exception as fault:
            raise Spoiled(record.offset) from fault

    def _close(self, line: Line, envelope: Envelope, offset: int) -> Iterator[Output]:
        projection, sheet = self._projection, line.sheet
        line.sheet = Sheet()
        yield from sheet.puts(line.desk, envelope.seq, projection.history, envelope.causation, envelope.time)
        yield mark(line.desk, projection.topic, envelope.seq, offset + 1, envelope.time)

    def timers(self) -> dict[str, tuple[str, Ms]]:
        return {}

    def condemn(self, offset: int) -> None:
        self._condemned.add(offset)

    def recover(self, own: Record) -> int | None:
        """A projection is made good by reading its topic again from the beginning."""
        return None

    def adopt(self, desk: str, other: "Projector") -> None:
        """Go on with what another one remembers of a desk, at the same fact."""
        if (line := other.line_of(desk)) is not None:
            self._lines[desk] = line

    def line_of(self, desk: str) -> Line | None:
        """What is remembered of a desk, if anything came of it."""
        return self._lines.get(desk)

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        rests: list[tuple[str, bytes]] = []
        items: list[Iterator[tuple[str, bytes | None]]] = []
        for desk, line in self._lines.items():
            rest = {"mark": line.mark, "sheet": line.sheet.dump(), "holdings": line.holdings.rest()}
            rests.append((f"{desk}/rest", orjson.dumps(rest)))
            items.append(line.holdings.save(f"{desk}/items/"))
        return chain(rests, *items)

    def unsaved(self) -> None:
        for line in self._lines.values():
            line.holdings.items.soil()

    def load(self, chunks: Mapping[str, bytes]) -> None:
        for name in sorted(name for name in chunks if name.endswith("/rest")):
            desk, rest = name.removesuffix("/rest"), orjson.loads(chunks[name])
            holdings = Holdings()
            holdings.restore(rest["holdings"], f"{desk}/items/", chunks)
            self._lines[desk] = Line(desk, rest["mark"], Sheet.restore(rest["sheet"]), holdings)


def _concerned(fact: type[Fact]) -> tuple[str, ...]:
    """The fields naming tickets, for facts that have one."""
    return tuple(name for name in CONCERNED if name in fact.model_fields) if "ticket" in fact.model_fields else ()
