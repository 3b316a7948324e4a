"""The sections, in the order in which they are measured."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.kafka.accepted import measure_accepted, measure_burst
from tests.bench.kafka.bare import measure_engines
from tests.bench.kafka.deciding import measure_desk, measure_lateness
from tests.bench.kafka.large import measure_large
from tests.bench.kafka.pipeline import measure_pipeline
from tests.bench.kafka.rebuilding import measure_rebuild
from tests.bench.kafka.returning import measure_recovery
from tests.bench.kafka.scene import Scene
from tests.bench.kafka.shells import measure_partitions, measure_shells
from tests.bench.kafka.size import Size

SECTIONS: Mapping[str, Callable[[Scene], Awaitable[list[Figure]]]] = {
    "engines": measure_engines,
    "shells": measure_shells,
    "partitions": measure_partitions,
    "pipeline": measure_pipeline,
    "lateness": measure_lateness,
    "recovery": measure_recovery,
    "desk": measure_desk,
    "accepted": measure_accepted,
    "burst": measure_burst,
    "large": measure_large,
    "rebuild": measure_rebuild,
}

DESKLESS = {"engines", "shells", "partitions"}
"""They measure parts of it."""
LARGE = {"rebuild"}
"""A desk that was made large before serves them, too."""


def measure(
    names: Sequence[str], folder: Path, size: Size, shell: str, keep: Callable[[str, Sequence[Figure]], None]
) -> list[str]:
    """Hand over the figures of each section as it ends; returns the names of those that failed."""
    failed: list[str] = []
    with Scene(folder, size, shell) as scene:
        for name in names:
            print(f"== {name} …", flush=True)
            began = time.monotonic()
            try:
                keep(name, _measured(name, scene))
            except Exception:  # noqa: BLE001 - the other sections are worth having all the same
                traceback.print_exc()
                failed.append(name)
                scene.give_up_desk()
            print(f"   {name} took {time.monotonic() - began:.0f} s", flush=True)
    return failed


def _measured(name: str, scene: Scene) -> list[Figure]:
    """Its figures, and what the heaviest process holds at its end."""
    if name in DESKLESS:
        return asyncio.run(_bounded(SECTIONS[name], scene))
    scene.open_desk(large=name in LARGE)
    figures = asyncio.run(_bounded(SECTIONS[name], scene))
    memory = scene.desk.memory()
    heaviest = max(memory, key=lambda one: memory[one])
    scene.say(", ".join(f"{one} {held:.0f} MiB" for one, held in memory.items()))
    return [*figures, Figure(f"memory at the end, the most: {heaviest}", memory[heaviest], "MiB", aim="≤ 300")]


async def _bounded(section: Callable[[Scene], Awaitable[list[Figure]]], scene: Scene) -> list[Figure]:
    async with asyncio.timeout(scene.size.limit):
        return await section(scene)
