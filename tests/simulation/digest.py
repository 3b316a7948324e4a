"""A run in one line: the digest of all its logs."""

from collections.abc import Sequence
from hashlib import sha256

from tests.simulation.roles import ROLES
from tests.simulation.run import HORIZONS, STEPS, build


def digests(seeds: Sequence[int]) -> list[str]:
    """Of each seed."""
    return [_digest(seed) for seed in seeds]


def _digest(seed: int) -> str:
    world, _ = build(seed, ROLES)
    with world.patched():
        world.run(STEPS)
        world.settle(world.rng.choice(HORIZONS))
    world.end()
    found = sha256()
    for place in sorted(world.broker.logs):
        for record in world.broker.logs[place]:
            found.update(repr((record.offset, record.appended_at, record.key, record.headers)).encode() + record.value)
    return found.hexdigest()
