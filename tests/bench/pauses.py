"""What stops a process: as its checkpoints say of themselves, and as its event loop notices."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from prometheus_client.parser import text_string_to_metric_families

FAMILY = "sanad_checkpoint_pause_seconds"


def longest_pause(text: str) -> Mapping[str, float]:
    """By consumer: ms of its checkpoint's longest slice, the upper edge of the bucket into which it fell."""
    edges: defaultdict[str, float] = defaultdict(float)
    counts: defaultdict[str, float] = defaultdict(float)
    for metric in text_string_to_metric_families(text):
        for sample in metric.samples if metric.name == FAMILY else ():
            consumer = sample.labels["consumer"]
            if sample.name.endswith("_bucket") and sample.value > counts[consumer]:
                edges[consumer] = float(sample.labels["le"]) * 1_000
                counts[consumer] = sample.value
    return edges


class Standstill:
    """How long at most nothing else got its turn on this loop, in seconds, while the block runs."""

    LOOK = 0.002

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._looking.cancel()
        with suppress(asyncio.CancelledError):
            await self._looking

    async def _look(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(self.LOOK)
            self.longest = max(self.longest, time.perf_counter() - began - self.LOOK)
