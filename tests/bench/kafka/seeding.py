"""A desk made large: tickets through its log, as fast as its processes follow."""

import time
import uuid

from shared.clock import SystemClock
from tests.bench.commands import enveloped, message
from tests.bench.kafka.outside import READS, Outside, until
from tests.bench.kafka.scene import Scene

BATCH = 500
MOST_AHEAD = 20_000
SHOWN = 10_000


async def seed(scene: Scene, outside: Outside, tickets: int) -> float:
    """Have that many tickets, where there are none yet, and everything at rest; how many a second. Raises
    TimeoutError."""
    desk = scene.desk

    async def near() -> bool:
        return await outside.lag("router") <= MOST_AHEAD

    if not desk.seeded_rate:
        partition, name, began = await outside.partition(), uuid.uuid4().hex, time.perf_counter()
        for first in range(0, tickets, BATCH):
            now = SystemClock().now()
            commands = [message(number, name, now) for number in range(first, first + BATCH)]
            await outside.broker.append(enveloped(commands, now, partition))
            await until(near, scene.size.limit)
            if first % SHOWN == 0:
                scene.say(f"{first:,} tickets appended")
        for services in (["router"], ["sla"], list(READS)):
            await outside.until_still(scene.size.limit, services)
            scene.say(f"through with {tickets:,} tickets: {', '.join(services)}")
        desk.seeded_rate = tickets / (time.perf_counter() - began)
    return desk.seeded_rate
