"""Everything that may happen to the house, one noun a file. A new fault is a function and a row of its file's FAULTS."""

from tests.faults.fault import Fault
from tests.faults.nemesis import (
    brokers,
    checkpoints,
    clocks,
    database,
    deaths,
    floods,
    groups,
    network,
    poison,
    relay,
    restarts,
    silence,
    storms,
    versions,
    zombies,
)

FAULTS: tuple[Fault, ...] = (
    *deaths.FAULTS, *brokers.FAULTS, *zombies.FAULTS, *storms.FAULTS, *restarts.FAULTS, *database.FAULTS,
    *network.FAULTS, *relay.FAULTS, *poison.FAULTS, *floods.FAULTS, *checkpoints.FAULTS, *groups.FAULTS, *clocks.FAULTS,
    *versions.FAULTS, *silence.FAULTS,
)  # fmt: skip
