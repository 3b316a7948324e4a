"""S9, S10, S13: the same log gives the same facts and the same state, however it was cut, saved or made good."""

from collections.abc import Iterator

import orjson

from shared.broker import Outgoing, Record
from shared.emissions import Output
from shared.fold import Fold, Spoiled
from tests.invariants.evidence import Entry, Violation, read_entry
from tests.simulation.crew import Role
from tests.simulation.world import World

State = dict[str, object]


def dump(fold: Fold) -> State:
    """Everything a fold knows, comparable."""
    fold.unsaved()
    return {name: orjson.loads(content) for name, content in fold.save() if content is not None}


def check_replays(world: World) -> Iterator[Violation]:
    for role in world.roles:
        live = world.owners[role.name].worker
        again, facts = _fold_all(world, role)
        yield from _compare_facts(world, role, facts)
        state = dump(live.fold)
        yield from _compare(role, state, dump(again), "S10", "one record at a time, from the beginning")
        if world.rng.random() < 0.5:
            yield from _compare(role, state, dump(_reload(live.fold, role, world.partition)), "S10", "saved and loaded")
        elif (recovered := _recover(world, role)) is not None:
            yield from _compare(role, state, dump(recovered), "S13", "its own facts, and the tail after them")


def _fold_all(world: World, role: Role) -> tuple[Fold, list[Entry]]:
    """From the first record on, settling as broken what turns out to break a rule."""
    condemned: set[int] = set()
    while True:
        fold = role.fold(world.partition)
        for offset in condemned:
            fold.condemn(offset)
        facts: list[Entry] = []
        try:
            for record in world.broker.log(role.topic, world.partition):
                facts += [_read(output) for output in fold.apply(record) if _is_fact(output, fold)]
        except Spoiled as spoiled:
            condemned.add(spoiled.offset)
            continue
        return fold, facts


def _is_fact(output: Output, fold: Fold) -> bool:
    return isinstance(output, Outgoing) and output.topic == fold.recovers_from


def _read(output: Output) -> Entry:
    assert isinstance(output, Outgoing)
    return read_entry(Record(output.topic, output.partition, -1, 0, output.key, output.value, output.headers))


def _compare_facts(world: World, role: Role, expected: list[Entry]) -> Iterator[Violation]:
    own = role.fold(world.partition).recovers_from or ""
    marks: dict[str, int] = {}
    found: dict[str, list[Entry]] = {}
    for record in world.broker.log(own, world.partition):
        entry = read_entry(record)
        if entry.seq == marks.get(entry.desk, 0) + 1:
            marks[entry.desk] = entry.seq
            found.setdefault(entry.desk, []).append(entry)
    for desk in sorted({entry.desk for entry in expected} | found.keys()):
        wanted = [entry for entry in expected if entry.desk == desk]
        for index, entry in enumerate(found.get(desk, [])):
            if index >= len(wanted) or wanted[index].content != entry.content:
                other = wanted[index] if index < len(wanted) else "nothing"
                yield Violation("S10", f"decided again, {role.name} says {other} instead", entry)
                return
        if len(wanted) > len(found.get(desk, [])):
            yield Violation("S11", f"{role.name} never published {wanted[len(found.get(desk, []))]}")


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
    ours, theirs = _comparable(live), _comparable(other)
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield Violation(
                promise, f"{role.name} folded differently ({how}): {name} {_first(ours.get(name), theirs.get(name))}"
            )


def _comparable(state: State) -> State:
    """Without what is only a hint where to look: how far a rebuild is silent, and whether anybody need be looked for."""
    kept: State = {}
    for name, content in state.items():
        if name.endswith("/rest") and isinstance(content, list) and isinstance(content[1], dict):
            kept[name] = [content[0], {key: value for key, value in content[1].items() if key != "unsettled"}]
        elif name != "published":
            kept[name] = content
    return kept


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
