"""S9, S10, S13: the same log gives the same facts and the same state, however it was cut, saved or made good."""

from collections.abc import Iterator

import orjson

from shared.broker import Outgoing, Record
from shared.fold import Fold, Spoiled
from tests.invariants.evidence import Entry, Violation, read_entry
from tests.simulation.crew import Role
from tests.simulation.world import World

State = dict[str, bytes]
SOME = 0.3


def dump(fold: Fold) -> State:
    """Everything a fold knows, comparable."""
    fold.unsaved()
    return {name: content for name, content in fold.save() if content is not None}


def check_replays(world: World, *, every: bool = True) -> Iterator[Violation]:
    """Every service, or all in some runs and one of them in the others: a replay costs as much as the run."""
    every = every or world.rng.random() < SOME
    for role in world.roles if every else [world.rng.choice(world.roles)]:
        live = world.owners[role.name].worker
        again, facts = _fold_all(world, role)
        yield from _compare_facts(world, role, facts)
        state = dump(live.fold)
        yield from _compare(role, state, dump(again), "S10", "one record at a time, from the beginning")
        if world.rng.random() < 0.5:
            yield from _compare(role, state, dump(_reload(live.fold, role, world.partition)), "S10", "saved and loaded")
        elif (recovered := _recover(world, role)) is not None:
            yield from _compare(role, state, dump(recovered), "S13", "its own facts, and the tail after them")


def _fold_all(world: World, role: Role) -> tuple[Fold, list[Outgoing]]:
    """From the first record on, settling as broken what turns out to break a rule."""
    condemned: set[int] = set()
    while True:
        fold = role.fold(world.partition)
        for offset in condemned:
            fold.condemn(offset)
        own = fold.recovers_from
        facts: list[Outgoing] = []
        try:
            for record in world.broker.log(role.topic, world.partition):
                outputs = fold.apply(record)
                facts += [out for out in outputs if isinstance(out, Outgoing) and out.topic == own]
        except Spoiled as spoiled:
            condemned.add(spoiled.offset)
            continue
        return fold, facts


def _compare_facts(world: World, role: Role, expected: list[Outgoing]) -> Iterator[Violation]:
    """What is decided again is, to the byte, what the log holds, in the same order per desk."""
    own = role.fold(world.partition).recovers_from or ""
    found: dict[bytes, list[Record]] = {}
    for record in world.broker.log(own, world.partition):
        of_desk = found.setdefault(record.key or b"", [])
        if dict(record.headers).get("ce_sequence") == b"%d" % (len(of_desk) + 1):
            of_desk.append(record)
    wanted: dict[bytes, list[Outgoing]] = {desk: [] for desk in found}
    for fact in expected:
        wanted.setdefault(fact.key, []).append(fact)
    for desk, again in wanted.items():
        published = found.get(desk, [])
        for fact, record in zip(again, published, strict=False):
            if (fact.value, fact.headers) != (record.value, record.headers):
                yield Violation("S10", f"decided again, {role.name} says {_read(fact)} instead", read_entry(record))
                return
        for fact in again[len(published) :]:
            yield Violation("S11", f"{role.name} never published {_read(fact)}")
        for record in published[len(again) :]:
            yield Violation("S10", f"decided again, {role.name} does not say this", read_entry(record))


def _read(fact: Outgoing) -> Entry:
    return read_entry(Record(fact.topic, fact.partition, -1, 0, fact.key, fact.value, fact.headers))


def _reload(fold: Fold, role: Role, partition: int) -> Fold:
    fold.unsaved()
    chunks = {name: content for name, content in fold.save() if content is not None}
    again = role.fold(partition)
    again.load(chunks)
    return again


def _recover(world: World, role: Role) -> Fold | None:
    """As a worker without a checkpoint does it."""
    fold = role.fold(world.partition)
    position = 0
    if fold.recovers_from is None:
        return None
    for record in world.broker.log(fold.recovers_from, world.partition):
        position = fold.recover(record) or position
    spoiled = world.owners[role.name].worker._condemned
    for offset in spoiled:
        fold.condemn(offset)
    for record in world.broker.log(role.topic, world.partition)[position:]:
        fold.apply(record)
    return fold


def _compare(role: Role, live: State, other: State, promise: str, how: str) -> Iterator[Violation]:
    for name in sorted(live.keys() | other.keys()):
        if live.get(name) != other.get(name):
            ours, theirs = _comparable(name, live.get(name)), _comparable(name, other.get(name))
            if ours != theirs:
                yield Violation(promise, f"{role.name} folded differently ({how}): {name} {_first(ours, theirs)}")


def _comparable(name: str, content: bytes | None) -> object:
    """Without what is only a hint where to look: how far a rebuild is silent, and whether anybody need be looked for."""
    if name == "published" or content is None:
        return None
    chunk = orjson.loads(content)
    if name.endswith("/rest") and "unsettled" in chunk[1]:
        del chunk[1]["unsettled"]
    return chunk


def _first(ours: object, theirs: object, path: str = "") -> str:
    """The first place where two JSON values differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            if ours.get(key) != theirs.get(key):
                return _first(ours.get(key), theirs.get(key), f"{path}.{key}")
        return f"{path}: another order of keys"
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            if left != right:
                return _first(left, right, f"{path}[{index}]")
    return f"{path}: {str(ours)[:200]} instead of {str(theirs)[:200]}"
