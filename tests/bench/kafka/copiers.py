"""Copying processes as children: joined, held while the log is filled, let go, timed."""

import asyncio
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil

from shared.broker import Outgoing
from shared.brokers.kafka_address import KafkaAddress
from shared.catalogue.topics import COMMANDS, DESK
from tests.bench.kafka.bare import VALUE, make_topic
from tests.bench.kafka.outside import Outside, until
from tests.bench.kafka.scene import Scene
from tests.e2e.living_desk import HOUSE

LOOK = 0.02
JOINS, ENDS = 60, 120
"""Seconds they may take to join the group, and to copy everything."""
WARM = 50
"""Records per partition copied before anything is timed."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Records a second, and CPU microseconds each took."""

    rate: float
    cost: float


async def copy_all(scene: Scene, kind: str, processes: int, count: int) -> Copied:
    """So many processes and partitions share `count` records."""
    address = KafkaAddress(scene.kafka, f"copy{uuid.uuid4().hex[:6]}.")
    for topic in (COMMANDS.name, DESK.name):
        await asyncio.to_thread(make_topic, address, topic, processes)
    async with Outside(address, processes) as outside, _children(kind, address, processes) as children:
        # Each has copied some when all are members, each with a partition of its own.
        await _until_members(outside, children)
        await _fill(outside, processes, WARM)
        await _until_copied(outside)
        for child in children:
            child.send_signal(signal.SIGSTOP)
        await _fill(outside, processes, count // processes)
        spent, began = _cpu(children), time.perf_counter()
        for child in children:
            child.send_signal(signal.SIGCONT)
        await _until_copied(outside)
        took, spent = time.perf_counter() - began, _cpu(children) - spent
    return Copied(count / took, spent / count * 1_000_000)


@asynccontextmanager
async def _children(kind: str, address: KafkaAddress, count: int) -> "AsyncIterator[list[subprocess.Popen[bytes]]]":
    command = [sys.executable, "-m", "tests.bench.kafka.copying", kind, address.servers, address.prefix, str(count)]
    children = [await asyncio.to_thread(subprocess.Popen, command, cwd=HOUSE) for _ in range(count)]
    try:
        yield children
    finally:
        for child in children:
            child.send_signal(signal.SIGCONT)
            child.terminate()
        for child in children:
            try:
                await asyncio.to_thread(child.wait, 30)
            except subprocess.TimeoutExpired:
                child.kill()


async def _until_members(outside: Outside, children: "Sequence[subprocess.Popen[bytes]]") -> None:
    async def joined() -> bool:
        if any(child.poll() is not None for child in children):
            raise RuntimeError("a copying process ended by itself")
        return await outside.members("copy") == len(children)

    await until(joined, JOINS)


async def _until_copied(outside: Outside) -> None:
    async def copied() -> bool:
        return await outside.count(DESK.name) >= await outside.count(COMMANDS.name)

    await until(copied, ENDS, LOOK)


async def _fill(outside: Outside, partitions: int, each: int) -> None:
    for partition in range(partitions):
        await outside.broker.append([Outgoing(COMMANDS.name, partition, b"desk", VALUE)] * each)


def _cpu(children: "Sequence[subprocess.Popen[bytes]]") -> float:
    times = [psutil.Process(child.pid).cpu_times() for child in children]
    return float(sum(one.user + one.system for one in times))
