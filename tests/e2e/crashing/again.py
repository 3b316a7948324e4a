"""S9, S10: everything derived is derived once more from the log alone, in one go and without crashes, and compared."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import services.router.app
import services.sla.app
import services.survey.app
from services.gateway.handlers import PROJECTIONS
from services.gateway.handlers.projection import Projector
from services.gateway.handlers.texts import TextProjector
from services.gateway.store import MARKS
from services.verbs.embedded import COLLECTIONS
from shared.broker import Outgoing, Record
from shared.decider import Decider
from shared.documents import Document, Documents, Drop, Put
from shared.emissions import Output
from shared.fold import Fold, Spoiled
from shared.logic import Logic
from shared.stores.sqlite import SqliteDocuments
from shared.texts import TEXTS
from tests.invariants.evidence import COMMANDS, DELIVERIES, DESK, Violation, read_entry

Logs = Mapping[str, Sequence[Record]]
DECIDERS: tuple[tuple[Logic[Any], str], ...] = (
    (services.router.app.LOGIC, COMMANDS),
    (services.sla.app.LOGIC, DESK),
    (services.survey.app.LOGIC, DESK),
)
TOGETHER = 500


def check_decisions(logs: Logs) -> Iterator[Violation]:
    """S10: decided again, one record after another, every fact is the one in the log, and none is missing."""
    for logic, topic in DECIDERS:
        kept: dict[tuple[str, int], Any] = {}
        for record in logs[logic.topic.name]:
            entry = read_entry(record)
            kept.setdefault((entry.desk, entry.seq), entry)
        again: dict[tuple[str, int], Any] = {}
        for partition in sorted({record.partition for record in logs[topic]}):
            for output in _decide(logic, [record for record in logs[topic] if record.partition == partition]):
                if isinstance(output, Outgoing) and output.topic == logic.topic.name:
                    entry = read_entry(_as_record(output))
                    again[entry.desk, entry.seq] = entry
        for key in sorted(kept.keys() | again.keys()):
            live, fresh = kept.get(key), again.get(key)
            if live is None or fresh is None or live.content != fresh.content:
                yield Violation("S10", f"{logic.source} decides {fresh} when asked again, the log says {live}")
                break


def _decide(logic: Logic[Any], records: Sequence[Record]) -> list[Output]:
    """All outputs; a record that breaks a rule half way is settled as broken the next time round, as a worker does it."""
    condemned: set[int] = set()
    while True:
        decider, outputs = Decider(logic, records[0].partition), list[Output]()
        for offset in condemned:
            decider.condemn(offset)
        try:
            for record in records:
                outputs += decider.apply(record)
        except Spoiled as spoiled:
            condemned.add(spoiled.offset)
        else:
            return outputs


def _as_record(output: Outgoing) -> Record:
    return Record(output.topic, output.partition, -1, 0, output.key, output.value, output.headers)


async def check_projections(logs: Logs, documents: Documents, file: Path) -> AsyncIterator[Violation]:
    """S9: every document of a projection is what a fold from zero writes into a new file."""
    fresh = SqliteDocuments(file, COLLECTIONS)
    try:
        desks = {(record.key or b"").decode() for record in logs[DESK]}
        for projection in PROJECTIONS:
            await _fold(Projector(projection), logs[projection.topic], fresh)
        for topic in (COMMANDS, DELIVERIES):
            await _fold(TextProjector(), logs[topic], fresh)
        names = [name for projection in PROJECTIONS for name in projection.collections]
        for desk in sorted(desks):
            for name in (*names, MARKS.name, TEXTS.name):
                live, again = await _all(documents, desk, name), await _all(fresh, desk, name)
                for key in sorted(live.keys() | again.keys()):
                    if live.get(key) != again.get(key):
                        yield Violation("S9", f"{name}/{key} is {live.get(key)}, rebuilt it is {again.get(key)}")
    finally:
        await fresh.close()


async def _fold(fold: Fold, records: Sequence[Record], into: Documents) -> None:
    writes: list[Put | Drop] = []
    for record in records:
        writes += [output for output in fold.apply(record) if isinstance(output, Put | Drop)]
        if len(writes) > TOGETHER:
            await into.write(writes)
            writes = []
    await into.write(writes)


async def _all(documents: Documents, desk: str, name: str) -> dict[str, Document]:
    found: dict[str, Document] = {}
    after: str | None = None
    while True:
        page = await documents.of(desk).page(name, after=after, limit=200)
        found |= {document.key: document for document in page.documents}
        after = page.next
        if after is None:
            return found
