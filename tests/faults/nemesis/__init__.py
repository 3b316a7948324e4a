"""Everything that may happen to the house, one noun a file. A new fault is a function and a row of its file's FAULTS."""

from tests.faults.fault import Fault
from tests.faults.nemesis import brokers, database, deaths, relay, restarts, storms, zombies

FAULTS: tuple[Fault, ...] = (
    *deaths.FAULTS, *brokers.FAULTS, *zombies.FAULTS, *storms.FAULTS, *restarts.FAULTS, *database.FAULTS, *relay.FAULTS,
)  # fmt: skip
