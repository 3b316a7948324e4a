"""Has a partition's workers run until nothing is left to do: before a desk leaves, and when one has come.

Senders do not run meanwhile. Doors may: what they append for other desks once all is still waits for their services.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.verbs.parts import whole
from shared.catalogue.topics import COMMANDS, TOPICS
from shared.decider import Decider
from shared.engine import no_step
from shared.engine.seat import Seat
from shared.service import Consumer, Ports

Told = Callable[[str, int], None]
"""Hears what is being done, and how much of it is done or left."""


@dataclass(frozen=True, slots=True)
class Still:
    """A partition that was run until nothing was left to do."""

    written: Mapping[str, Mapping[str, int]]
    """Per topic of facts, how many each desk has."""
    commands: int
    """The offset where commands begin that nobody has decided on."""


def consumers_of(ports: Ports) -> list[Consumer]:
    """All that go on from where they were; who reads everything anew in each process needs no help."""
    return [one for service in whole(ports) for one in service.consumers if not one.everywhere]


async def settle(ports: Ports, partition: int, told: Told) -> Still:
    """Until every record of the partition is applied, everything due is done, and all of it is saved.

    Raises what workers raise.
    """
    seats = [Seat(ports, consumer, partition, no_step) for consumer in consumers_of(ports)]
    try:
        for seat in seats:
            told(f"loading {seat.worker.name}", 0)
            await seat.load()
        while await _turn(ports, seats):
            told("records to apply", await _left(ports, seats))
        for seat in seats:
            await seat.worker.save_slice(now=True)
        deciders = {seat.worker.fold: seat.worker for seat in seats if isinstance(seat.worker.fold, Decider)}
        (commands,) = (worker.position for worker in deciders.values() if worker.topic == COMMANDS.name)
        return Still({one.recovers_from or "": one.written for one in deciders}, commands)
    finally:
        for seat in seats:
            seat.close()


async def _turn(ports: Ports, seats: list[Seat]) -> bool:
    """Everybody once; whether anything is left to do."""
    applied = 0
    for seat in seats:
        applied += await seat.worker.advance(0)
    # after the last look at what is due: a tick that was just appended is something to do
    return bool(applied or await _left(ports, seats))


async def _left(ports: Ports, seats: list[Seat]) -> int:
    """Records not applied yet, as the log itself says."""
    topics = {seat.worker.topic: seat.worker.partition for seat in seats}
    ends = {topic: (await ports.broker.bounds(topic, partition)).next for topic, partition in topics.items()}
    return sum(ends[seat.worker.topic] - seat.worker.position for seat in seats)


async def forget_deciders(ports: Ports, partition: int) -> None:
    """Have deciders begin from their facts: their checkpoints know nothing of the desk that has come."""
    for consumer in consumers_of(ports):
        if consumer.fold(partition).recovers_from in TOPICS:
            await ports.checkpoints.drop(consumer.name, partition)
