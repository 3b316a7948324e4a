"""SIGKILL of Kafka's nodes: the leader of the desk's partition, the controllers' leader, two of three, all."""

import asyncio
import random
import time

from deploy.engines import children
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from shared.catalogue.topics import COMMANDS
from tests.faults.fault import Fault
from tests.faults.goals import BROKER_KILLS
from tests.faults.house import House
from tests.faults.journal import BROKER, EVERY_NODE, FULL, LEADER

PARTITION = 0
"""Of the desk: the first of an installation."""
NO_ROOM = 15
"""Seconds a disk stays full at most."""
SETTLED = 60
"""Seconds within which every replica must be in sync again before the next blow."""


async def all_nodes(house: House, draw: random.Random) -> None:
    await _kill(house, draw.sample(range(house.nodes), house.nodes), EVERY_NODE)
    await asyncio.sleep(draw.uniform(0, 2))
    await _start(house)


async def leader(house: House, draw: random.Random) -> None:
    await _kill(house, [await asyncio.to_thread(_leader, house)], LEADER)
    await asyncio.sleep(draw.uniform(2, 6))
    await _start(house)


async def controller(house: House, draw: random.Random) -> None:
    await _kill(house, [await asyncio.to_thread(_controller, house)], BROKER)
    await asyncio.sleep(draw.uniform(2, 6))
    await _start(house)


async def two_of_three(house: House, draw: random.Random) -> None:
    await _kill(house, draw.sample(range(house.nodes), 2), BROKER)
    await asyncio.sleep(draw.uniform(2, 6))
    await _start(house)


async def hangs(house: House, draw: random.Random) -> None:
    """A node that is there and does not answer."""
    child = house.kafka.children[await asyncio.to_thread(_leader, house)]
    children.pause(child)
    await asyncio.sleep(draw.uniform(4, 10))
    children.resume(child)
    await _settle(house)


async def disk_full(house: House, draw: random.Random) -> str | None:
    """A node that finds no room for what it must keep ends; with room it comes back."""
    node = draw.randrange(house.nodes)
    disk, child = house.disks[node], house.kafka.children[node]
    if not disk.mounted:
        return "no file system of its own can be mounted here"
    await asyncio.to_thread(disk.fill)
    for _ in range(NO_ROOM):
        await asyncio.sleep(1)
        if not children.alive(child):
            break
    house.journal.note(FULL, f"node {node}", "ended" if not children.alive(child) else "went on")
    await asyncio.sleep(draw.uniform(0, 4))
    await asyncio.to_thread(disk.relieve)
    await _start(house)
    return None


async def _kill(house: House, nodes: list[int], what: str) -> None:
    for node in nodes:
        await asyncio.to_thread(children.kill, house.kafka.children[node])
        house.journal.note(what, f"node {node}")


async def _start(house: House) -> None:
    """All that are down, at once: one alone may wait for a majority."""
    await asyncio.gather(*(asyncio.to_thread(house.kafka.start_node, node) for node in range(house.nodes)))
    await _settle(house)


async def _settle(house: House) -> None:
    deadline = time.monotonic() + SETTLED
    while not await asyncio.to_thread(_in_sync, house):
        if time.monotonic() > deadline:
            raise AssertionError("Kafka's replicas were never in sync again")
        await asyncio.sleep(0.5)


def _in_sync(house: House) -> bool:
    try:
        with admin_of(house) as admin:
            described = admin._client.describe_topics()
    except Exception:  # noqa: BLE001 - whatever it is, it is not in sync
        return False
    parts = [part for topic in described for part in topic["partitions"]]
    return bool(parts) and all(len(part["isr_nodes"]) == len(part["replica_nodes"]) for part in parts)


def _leader(house: House) -> int:
    with admin_of(house) as admin:
        for topic in admin._client.describe_topics([COMMANDS.name]):
            for part in topic["partitions"]:
                if part["partition_index"] == PARTITION:
                    return int(part["leader_id"]) - 1
    return 0


def _controller(house: House) -> int:
    with admin_of(house) as admin:
        quorum = admin._client.describe_metadata_quorum()
    (part,) = quorum["topics"][0]["partitions"]
    return int(part["leader_id"]) - 1


def admin_of(house: House) -> KafkaAdmin:
    """By the same network as everybody."""
    return KafkaAdmin(KafkaAddress(house.kafka.address))


FAULTS = (
    Fault("every node of Kafka killed", all_nodes, 5, serves=(BROKER_KILLS,)),
    Fault("Kafka's leader hangs", hangs),
    Fault("a node's disk full", disk_full, 1, 10),
    Fault("Kafka's leader killed", leader, 4, nodes=3, serves=(BROKER_KILLS,)),
    Fault("Kafka's controller killed", controller, 3, nodes=3, serves=(BROKER_KILLS,)),
    Fault("two nodes of three killed", two_of_three, 3, nodes=3, serves=(BROKER_KILLS,)),
)
