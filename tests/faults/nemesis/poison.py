"""Records nobody can read, appended to the desk's own log by a writer that is none of ours."""

import random
import time
from collections.abc import Callable

from aiokafka import AIOKafkaProducer

from shared.catalogue.topics import COMMANDS
from tests.e2e.crashing.judging import DESK_ID, ORGANISATION
from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.nemesis.brokers import PARTITION

Poison = tuple[bytes | None, bytes, str]
"""Key, value, type."""
UPDATE = "sanad.ticket.update.v1"
KEY = DESK_ID.encode()
DEPTH = 100_000
KINDS: dict[str, Callable[[random.Random], Poison]] = {
    "bad UTF-8": lambda _: (KEY, b'{"ticket": "\xff\xfe\xc0\xaf"}', UPDATE),
    "deep JSON": lambda _: (KEY, b'{"ticket": ' + b"[" * DEPTH + b"]" * DEPTH + b"}", UPDATE),
    "no key": lambda _: (None, b'{"ticket": "none"}', UPDATE),
    "another desk's key": lambda _: (b"elsewhere", b'{"ticket": "none"}', UPDATE),
    "no value": lambda _: (KEY, b"", UPDATE),
    "noise": lambda draw: (KEY, draw.randbytes(2_000), UPDATE),
    "a stranger's event": lambda _: (KEY, b"{}", "com.example.thing.happened"),
    "half a record": lambda _: (KEY, b'{"by": {"organisation": "waha", "desk": "supp', UPDATE),
}


async def poisoned(house: House, draw: random.Random) -> None:
    """Every kind once, in any order, while everybody goes on."""
    producer = AIOKafkaProducer(bootstrap_servers=house.kafka.address, acks="all")
    await producer.start()
    try:
        for make in draw.sample(list(KINDS.values()), len(KINDS)):
            key, value, kind = make(draw)
            place = await producer.send_and_wait(
                COMMANDS.name, value, key=key, partition=PARTITION, headers=headers_of(kind)
            )
            house.poison.add((COMMANDS.name, place.partition, place.offset))
    finally:
        await producer.stop()


def headers_of(kind: str) -> list[tuple[str, bytes]]:
    stamp = str(time.time_ns())
    given = {
        "ce_specversion": "1.0", "ce_source": "nobody", "ce_type": kind, "content-type": "application/json",
        "ce_organisation": ORGANISATION, "ce_partitionkey": DESK_ID, "ce_id": f"poison-{stamp}",
        "ce_subject": "ticket/none", "ce_time": "2026-01-01T00:00:00.000Z", "ce_correlationid": stamp,
        "ce_causationid": stamp,
    }  # fmt: skip
    return [(name, content.encode()) for name, content in given.items()]


FAULTS = (Fault("poison in the log", poisoned, 1, 10, watched=True),)
