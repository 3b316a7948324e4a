"""The logs and documents of a house that has come to rest and was stopped, judged by checkers that know no service."""

from collections.abc import Iterator, Sequence
from itertools import islice

from services.verbs.embedded import COLLECTIONS
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import MongoAddress
from tests.e2e.crashing.judging import PARTITIONS, Claims, Files, Verdict, judge_files, read_all
from tests.faults.house import DATABASE, House
from tests.faults.troubles import check_neighbour
from tests.invariants.clocks import check_clocks
from tests.invariants.evidence import Entry, Evidence, Violation

NAMES = ("ticket", "message", "conversation", "delivery", "command", "survey", "work", "task")
READERS = ("router",)
"""Consumers of the commands."""
MOST = 25
"""Records shown of one violation."""


async def judge_house(house: House, claims: Sequence[Claims]) -> Verdict:
    """All checks. The engines must run, the services must not."""
    broker = KafkaBroker(KafkaAddress(house.kafka.address), PARTITIONS)
    try:
        documents = MongoDocuments(MongoAddress(house.mongo.address, DATABASE), COLLECTIONS)
        try:
            files = Files(broker, documents, await read_all(broker))
            verdict = await judge_files(files, claims, house.folder / "again.sqlite")
            verdict.violations = [one for one in verdict.violations if not _is_of_our_making(house, one)]
            for check in (check_poison, check_broken, check_overdue, check_neighbour):
                verdict.violations += check(house, verdict.evidence)
            return verdict
        finally:
            await documents.close()
    finally:
        await broker.close()


def _is_of_our_making(house: House, violation: Violation) -> bool:
    """That what we spoiled by hand is kept aside, or settled as broken, is as it should be."""
    if violation.promise != "S11":
        return False
    entry = violation.entry
    if entry is None:
        ours = house.poison | set(house.broken.values())
        return any(violation.sentence.startswith(f"{topic}@{offset} became") for topic, _, offset in ours)
    place = (entry.topic, entry.partition, entry.offset)
    return place in house.poison or entry.body.get("command") in house.broken


def check_poison(house: House, evidence: Evidence) -> Iterator[Violation]:
    """S11: what nobody can read is kept aside by everybody who reads there."""
    for consumer in READERS:
        kept = {(one.topic, one.partition, one.offset) for one in evidence.dead if one.consumer == consumer}
        for place in sorted(house.poison - kept):
            yield Violation("S11", f"{place} cannot be read, and {consumer} kept no dead letter of it")


def check_broken(house: House, evidence: Evidence) -> Iterator[Violation]:
    """S11: what cannot be decided is settled as that, once."""
    for command in house.broken:
        said = [entry.body["outcome"] for entry in evidence.facts() if entry.body.get("command") == command]
        if said != ["internal"]:
            yield Violation("S11", f"a command nobody can decide was settled as {said}")


def check_overdue(house: House, evidence: Evidence) -> Iterator[Violation]:
    """L3: no clock is past its deadline without a verdict when the house has rested, on a desk nobody writes to either."""
    known = {str(one) for one in check_clocks(evidence)}
    evidence.ended_at = house.rested_at
    for violation in check_clocks(evidence):
        if violation.promise == "L3" and str(violation) not in known:
            yield violation


def tell(verdict: Verdict, most: int = 10) -> Iterator[str]:
    """Each violation, and the records it is about: the first prefix of the log in which it can be seen."""
    for violation in islice(verdict.violations, most):
        yield str(violation)
        if violation.entry is not None:
            first = violation.entry
            yield f"  first bad prefix: {first.topic}/{first.partition} up to offset {first.offset}; its records:"
            yield from (f"    {entry}" for entry in story_of(verdict.evidence, violation)[-MOST:])


def story_of(evidence: Evidence, violation: Violation) -> list[Entry]:
    """Every record up to the violation that names what it names, in the order of the logs' time."""
    last = violation.entry
    if last is None:
        return []
    named = {str(last.body[name]) for name in NAMES if last.body.get(name)} | {last.id, last.causation} - {""}
    found = [
        entry
        for entries in evidence.entries.values()
        for entry in entries
        if entry.appended_at <= last.appended_at
        and (named & {str(entry.body.get(name)) for name in NAMES} or {entry.id, entry.causation} & named)
    ]
    return sorted(found, key=lambda entry: (entry.appended_at, entry.topic, entry.offset))
