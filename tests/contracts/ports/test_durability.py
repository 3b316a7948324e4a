"""What was acknowledged survives: a killed process, a restart, a full disk."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from shared.broker import Bounds, Broker, BrokerUnavailable, Outgoing
from shared.clock import SystemClock
from shared.documents import Documents, DocumentsUnavailable, Put
from tests.contracts.ports.adapters import Logs, Stores
from tests.contracts.ports.conftest import COLLECTIONS
from tests.contracts.ports.hand_clock import HandClock
from tests.contracts.ports.test_broker import outgoing, read_all, texts

pytestmark = pytest.mark.anyio

LINES = 1_500


def said_until_killed(verb: str, engine: str, place: Path, lines: int = LINES) -> list[str]:
    """What a writing process said before it was killed in the middle of its work."""
    command = [sys.executable, "-m", "tests.contracts.ports.appender", verb, engine, str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.read().splitlines(keepends=True)
    return [line.strip() for line in said if line.endswith("\n")]


async def test_every_acknowledged_append_outlives_a_kill(logs: Logs, log_name: str, tmp_path: Path) -> None:
    said = [line.split() for line in said_until_killed("append", log_name, tmp_path)]
    assert len(said) >= LINES
    broker = logs.open(tmp_path, SystemClock())
    stored = {
        (str(record.partition), str(record.offset)): record.value.decode()
        for partition in range(4)
        for record in await read_all(broker, partition)
    }
    await broker.close()
    assert {(partition, offset): stored[partition, offset] for partition, offset, _ in said} == {
        (partition, offset): text for partition, offset, text in said
    }
    assert len(set(stored.values())) == len(stored)
    for partition in range(4):
        turns = [text.split(".") for (where, _), text in stored.items() if where == str(partition)]
        for client in {number for number, _, _ in turns}:
            own = [int(turn) for number, turn, _ in turns if number == client]
            assert own == sorted(own)


async def test_every_acknowledged_document_outlives_a_kill(stores: Stores, store_name: str, tmp_path: Path) -> None:
    last: dict[str, int] = {}
    for line in said_until_killed("put", store_name, tmp_path):
        key, seq = line.split()
        last[key] = max(last.get(key, 0), int(seq))
    documents = stores.open(tmp_path, COLLECTIONS)
    found = await documents.of("desk").get_many("tickets", list(last))
    await documents.close()
    assert found.keys() == last.keys()
    assert all(found[key].seq >= seq and found[key].body == {"rank": found[key].seq} for key, seq in last.items())


async def test_a_reopened_log_goes_on_where_it_was(logs: Logs, tmp_path: Path, clock: HandClock) -> None:
    clock.at = 7_000
    first = logs.open(tmp_path, clock)
    (*_, last) = await first.append([outgoing(str(number)) for number in range(1_200)])
    identity = await first.topic_id("facts")
    await first.close()
    clock.at = 6_000
    second = logs.open(tmp_path, clock)
    assert await second.bounds("facts", 0) == Bounds(0, 1_200)
    assert await second.topic_id("facts") == identity
    (place,) = await second.append([outgoing("1200")])
    assert place.offset == 1_200
    assert place.appended_at >= last.appended_at
    assert texts(await read_all(second, limit=333)) == [str(number) for number in range(1_201)]
    assert texts(await second.read("facts", 0, 777, limit=2)) == ["777", "778"]
    await second.close()


async def test_a_trimmed_log_stays_trimmed(logs: Logs, tmp_path: Path, clock: HandClock) -> None:
    clock.at = 1_000
    first = logs.open(tmp_path, clock)
    (old,) = await first.append([outgoing("old")])
    await logs.trim(first, "facts", 0, before=old.appended_at + 1)
    await first.close()
    clock.at = 500
    second = logs.open(tmp_path, clock)
    assert await second.bounds("facts", 0) == Bounds(1, 1)
    (place,) = await second.append([outgoing("new")])
    assert place.offset == 1
    assert place.appended_at >= old.appended_at
    await second.close()


async def test_a_closed_log_takes_and_gives_nothing(logs: Logs, tmp_path: Path, clock: HandClock) -> None:
    broker = logs.open(tmp_path, clock)
    waiting = asyncio.create_task(broker.wait("facts", 0, 0, 60_000))
    appends = [asyncio.create_task(broker.append([outgoing(str(number))])) for number in range(50)]
    await asyncio.sleep(0)
    await broker.close()
    await broker.close()
    assert sorted(place.offset for (place,) in await asyncio.gather(*appends)) == list(range(50))
    await waiting
    with pytest.raises(BrokerUnavailable):
        await broker.append([outgoing("late")])


async def test_a_full_disk_is_said_and_survived(broker: Broker, logs: Logs) -> None:
    await broker.append([outgoing("before")])
    logs.starve(broker)
    large = Outgoing("facts", 0, b"desk", b"x" * 500_000)
    failures = await asyncio.gather(*(broker.append([large, large]) for _ in range(4)), return_exceptions=True)
    assert {type(failure) for failure in failures} == {BrokerUnavailable}
    assert texts(await read_all(broker)) == ["before"]
    logs.mend(broker)
    (place,) = await broker.append([outgoing("after")])
    assert place.offset == 1
    assert texts(await read_all(broker)) == ["before", "after"]


async def test_full_documents_are_said_and_survived(documents: Documents, stores: Stores) -> None:
    await documents.write([Put("notes", "desk", "a", 1, {"text": "before"})])
    stores.starve(documents)
    with pytest.raises(DocumentsUnavailable):
        await documents.write([Put("notes", "desk", "a", 2, {"text": "x" * 500_000})])
    found = await documents.of("desk").get("notes", "a")
    assert found is not None
    assert (found.seq, found.body) == (1, {"text": "before"})
    stores.mend(documents)
    await documents.write([Put("notes", "desk", "a", 2, {"text": "after"})])
    found = await documents.of("desk").get("notes", "a")
    assert found is not None
    assert found.body == {"text": "after"}


async def test_closed_documents_take_and_give_nothing(stores: Stores, tmp_path: Path) -> None:
    documents = stores.open(tmp_path, COLLECTIONS)
    writing = [asyncio.create_task(documents.write([Put("notes", "d", str(n), 1, {})])) for n in range(20)]
    await asyncio.sleep(0)
    await documents.close()
    await documents.close()
    await asyncio.gather(*writing)
    with pytest.raises(DocumentsUnavailable):
        await documents.write([Put("notes", "d", "late", 1, {})])
    with pytest.raises(DocumentsUnavailable):
        await documents.of("d").page("notes")
    again = stores.open(tmp_path, COLLECTIONS)
    assert await again.of("d").count("notes") == 20
    await again.close()
