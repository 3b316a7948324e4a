"""Checkpoints: newest wins, immutable chunks, torn ones are noticed, nothing is left behind."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from shared.checkpoint_chunks import CHUNKS, PART_BYTES, SAVES
from shared.checkpoints import FORMAT, MANIFESTS, Checkpoint, Checkpoints, NewerCheckpoint, TornCheckpoint
from shared.documents import DeskDocuments, Documents, DocumentsUnavailable, Drop, Put, Write

pytestmark = pytest.mark.anyio

TOPIC = "topic-1"


async def save(checkpoints: Checkpoints, offset: int, **chunks: bytes | None) -> bool:
    return await checkpoints.save("router", 0, offset, TOPIC, chunks)


async def load(documents: Documents) -> Checkpoint | None:
    """As another process sees it."""
    return await Checkpoints(documents).load("router", 0)


async def parts(documents: Documents) -> int:
    return await documents.of("").count(CHUNKS.name)


async def manifest(documents: Documents, which: str = "current") -> Any:
    found = await documents.of("").get(MANIFESTS.name, "router/0")
    assert found is not None
    return found.body[which]


async def test_what_was_saved_is_loaded_in_its_order(documents: Documents) -> None:
    chunks: dict[str, bytes | None] = {"z": b"last letter", "empty": b"", "a": bytes(range(256)) * 100}
    assert await Checkpoints(documents).save("router", 0, 42, TOPIC, chunks)
    found = await load(documents)
    assert found == Checkpoint(42, TOPIC, {name: content or b"" for name, content in chunks.items()})
    assert list(found.chunks) == ["z", "empty", "a"]


async def test_nothing_saved_loads_nothing(documents: Documents) -> None:
    assert await load(documents) is None


async def test_names_and_partitions_are_apart(documents: Documents) -> None:
    checkpoints = Checkpoints(documents)
    for name, partition in (("router", 0), ("router", 1), ("sla", 0)):
        assert await checkpoints.save(name, partition, partition + 5, TOPIC, {"a": name.encode()})
    found = await checkpoints.load("router", 1)
    assert found is not None
    assert (found.offset, found.chunks) == (6, {"a": b"router"})


async def test_a_state_without_chunks_is_a_state(documents: Documents) -> None:
    assert await save(Checkpoints(documents), 3)
    assert await load(documents) == Checkpoint(3, TOPIC, {})


async def test_an_unchanged_chunk_is_carried_over_and_a_missing_name_is_gone(documents: Documents) -> None:
    checkpoints = Checkpoints(documents)
    assert await save(checkpoints, 1, a=b"a1", b=b"b1", c=b"c1")
    assert await save(checkpoints, 2, a=None, b=b"b2")
    assert await load(documents) == Checkpoint(2, TOPIC, {"a": b"a1", "b": b"b2"})
    for offset in range(3, 8):
        assert await save(checkpoints, offset, a=None, b=b"b%d" % offset)
    assert await load(documents) == Checkpoint(7, TOPIC, {"a": b"a1", "b": b"b7"})


async def test_only_the_two_kept_checkpoints_take_room(documents: Documents) -> None:
    checkpoints = Checkpoints(documents)
    for offset in range(10):
        await save(checkpoints, offset, a=b"a" * offset, b=b"b" if offset == 0 else None)
    assert await parts(documents) == 3
    for offset in range(10, 12):
        await save(checkpoints, offset, a=b"x", b=b"y")
    assert await parts(documents) == 4
    assert await documents.of("").count(SAVES.name) == 2


async def test_an_older_checkpoint_is_refused_and_leaves_nothing(documents: Documents) -> None:
    owner, zombie = Checkpoints(documents), Checkpoints(documents)
    assert await save(zombie, 5, a=b"zombie")
    assert await save(owner, 9, a=b"owner")
    before = await parts(documents)
    assert not await save(zombie, 8, a=b"zombie")
    assert await parts(documents) == before
    assert await load(documents) == Checkpoint(9, TOPIC, {"a": b"owner"})


async def test_another_incarnation_of_the_topic_is_refused(documents: Documents) -> None:
    checkpoints = Checkpoints(documents)
    await save(checkpoints, 5, a=b"a")
    assert not await checkpoints.save("router", 0, 9, "topic-2", {"a": b"b"})
    await checkpoints.drop("router", 0)
    assert await load(documents) is None
    assert await parts(documents) == 0
    assert await checkpoints.save("router", 0, 1, "topic-2", {"a": b"b"})


async def test_what_another_process_saved_is_not_carried_over(documents: Documents) -> None:
    first, second = Checkpoints(documents), Checkpoints(documents)
    await save(first, 1, a=b"first", b=b"first")
    assert not await save(second, 2, a=None, b=b"second")
    assert await save(second, 2, a=b"second", b=b"second")
    assert not await save(first, 3, a=None, b=b"first")
    assert await save(first, 3, a=b"whole", b=b"again")
    assert await save(first, 4, a=None, b=b"more")
    assert await load(documents) == Checkpoint(4, TOPIC, {"a": b"whole", "b": b"more"})


async def test_who_loaded_may_carry_over(documents: Documents) -> None:
    await save(Checkpoints(documents), 1, a=b"a")
    heir = Checkpoints(documents)
    await heir.load("router", 0)
    assert await save(heir, 2, a=None, b=b"b")
    assert await load(documents) == Checkpoint(2, TOPIC, {"a": b"a", "b": b"b"})


async def test_a_name_never_given_cannot_be_kept(documents: Documents) -> None:
    checkpoints = Checkpoints(documents)
    assert not await save(checkpoints, 1, a=None)
    await save(checkpoints, 1, a=b"a")
    assert not await save(checkpoints, 2, a=None, b=None)


async def test_concurrent_saves_leave_one_whole_checkpoint(documents: Documents) -> None:
    savers = [Checkpoints(documents) for _ in range(6)]
    saved = await asyncio.gather(*(save(saver, 7, a=b"%d" % n, b=b"%d" % n) for n, saver in enumerate(savers)))
    assert any(saved)
    found = await load(documents)
    assert found is not None
    assert found.chunks["a"] == found.chunks["b"]
    assert await parts(documents) <= 4


async def test_a_large_chunk_is_cut_and_joined(documents: Documents) -> None:
    large = random.Random(1).randbytes(2 * PART_BYTES + 5)
    assert await save(Checkpoints(documents), 1, large=large, small=b"s")
    assert await parts(documents) == 4
    found = await load(documents)
    assert found is not None
    assert found.chunks == {"large": large, "small": b"s"}


async def test_many_small_chunks_come_back(documents: Documents) -> None:
    chunks = {f"bucket {number}": str(number).encode() for number in range(450)}
    assert await Checkpoints(documents).save("router", 0, 1, TOPIC, chunks)
    found = await load(documents)
    assert found is not None
    assert found.chunks == chunks


async def damage(documents: Documents, which: str, how: str) -> None:
    """As if the store had lost, or changed, what it had acknowledged."""
    key = (await manifest(documents, which))["chunks"]["a"]["parts"][0]
    lost: Write = Drop(CHUNKS.name, "", key)
    changed: Write = Put(CHUNKS.name, "", key, 99, {"content": b"rubbish"})
    await documents.write([lost if how == "lost" else changed])


@pytest.mark.parametrize("how", ["lost", "changed"])
async def test_a_torn_checkpoint_gives_way_to_the_one_before(documents: Documents, how: str) -> None:
    checkpoints = Checkpoints(documents)
    await save(checkpoints, 5, a=b"five")
    await save(checkpoints, 9, a=b"nine")
    await damage(documents, "current", how)
    heir = Checkpoints(documents)
    assert await heir.load("router", 0) == Checkpoint(5, TOPIC, {"a": b"five"})
    # The log makes good what lies between; the next save need not wait until the torn offset is passed.
    assert await save(heir, 7, a=b"seven")
    assert await load(documents) == Checkpoint(7, TOPIC, {"a": b"seven"})


@pytest.mark.parametrize("how", ["lost", "changed"])
async def test_when_all_are_torn_it_is_said(documents: Documents, how: str) -> None:
    checkpoints = Checkpoints(documents)
    await save(checkpoints, 5, a=b"five")
    await damage(documents, "current", how)
    with pytest.raises(TornCheckpoint, match="router/0"):
        await load(documents)
    await save(checkpoints, 9, a=b"nine")
    await damage(documents, "current", how)
    with pytest.raises(TornCheckpoint):
        await load(documents)


async def test_a_checkpoint_of_a_newer_sanad_is_left_alone(documents: Documents) -> None:
    await save(Checkpoints(documents), 5, a=b"a")
    await documents.write([Put(MANIFESTS.name, "", "router/0", 99, {"format": FORMAT + 1}, patch=True)])
    with pytest.raises(NewerCheckpoint, match="upgrade"):
        await load(documents)


class Dying:
    """Documents whose process dies at the n-th write: later ones never happen."""

    def __init__(self, documents: Documents, writes: int) -> None:
        self._documents, self.left = documents, writes

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise DocumentsUnavailable("killed")

    def of(self, desk: str) -> "DyingDesk":
        return DyingDesk(self, self._documents.of(desk))

    async def write(self, writes: Sequence[Write]) -> None:
        self.spend()
        await self._documents.write(writes)

    async def clear(self, collection: str, desk: str | None = None) -> None:
        raise AssertionError(f"nobody clears {collection} of {desk}")

    async def close(self) -> None:
        await self._documents.close()


class DyingDesk:
    def __init__(self, dying: Dying, desk: DeskDocuments) -> None:
        self._dying, self._desk = dying, desk
        self.get, self.get_many, self.page, self.count = desk.get, desk.get_many, desk.page, desk.count

    async def replace(self, collection: str, key: str, body: dict[str, Any], expected_seq: int | None) -> int:
        self._dying.spend()
        return await self._desk.replace(collection, key, body, expected_seq)


class Overtaken(Dying):
    """Documents of a process that stands still before its first chunk, while something else happens."""

    def __init__(self, documents: Documents, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__(documents, 100)
        self._meanwhile: Callable[[], Awaitable[object]] | None = meanwhile

    async def write(self, writes: Sequence[Write]) -> None:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        await super().write(writes)


async def test_who_was_overtaken_while_saving_replaces_nothing_newer(documents: Documents) -> None:
    owner = Checkpoints(documents)
    await save(owner, 5, a=b"five")
    zombie = Checkpoints(Overtaken(documents, lambda: save(owner, 9, a=b"nine")))
    assert not await save(zombie, 7, a=b"seven")
    assert await load(documents) == Checkpoint(9, TOPIC, {"a": b"nine"})
    assert await parts(documents) == 2


@pytest.mark.parametrize("writes", range(8))
async def test_a_death_at_any_step_leaves_a_whole_checkpoint_and_no_rubbish(documents: Documents, writes: int) -> None:
    owner = Checkpoints(documents)
    for offset in range(1, 4):
        await save(owner, offset, a=b"a%d" % offset, b=b"b" if offset == 1 else None)
    dying = Dying(documents, writes)
    saver = Checkpoints(dying)
    await saver.load("router", 0)
    try:
        survived = await save(saver, 4, a=b"a4", b=None)
    except DocumentsUnavailable:
        survived = False
    heir = Checkpoints(documents)
    found = await heir.load("router", 0)
    assert found is not None
    assert found.chunks == {"a": b"a%d" % found.offset, "b": b"b"}
    assert found.offset == 4 if survived else found.offset in {3, 4}
    await save(heir, 5, a=b"a5", b=None)
    await save(heir, 6, a=b"a6", b=None)
    assert await load(documents) == Checkpoint(6, TOPIC, {"a": b"a6", "b": b"b"})
    assert await parts(documents) == 3
