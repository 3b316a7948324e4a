"""What every process must know of desks that move, before anything of it runs."""

from dataclasses import replace

from shared.clock import SECOND
from shared.documents import DocumentsUnavailable
from shared.logs import logger
from shared.moves import Movement, Movements, SealedBroker
from shared.service import Ports


class NotWhole(Exception):
    """An import was cut short, and half a desk is not to be served. The message says what to do."""


def with_arrivals(ports: Ports, movements: dict[str, Movement]) -> Ports:
    """Knowing how many deliveries desks made before they came here."""
    made = {desk: one.arrival.deliveries for desk, one in movements.items() if one.arrival}
    return replace(ports, made_before=made)


async def knowing_moves(ports: Ports) -> Ports:
    """Ports that take nothing for sealed desks. Waits for the documents. Raises NotWhole."""
    movements = await _movements(ports)
    for desk, one in movements.items():
        if one.seal and one.seal.reason == "arriving":
            raise NotWhole(f"the import of the desk {desk} was cut short: run it again, with the same file")
        if one.seal:
            logger("verb").warning("a desk is sealed", desk=desk, reason=one.seal.reason)
    ports.seals.know(movements)
    return with_arrivals(replace(ports, broker=SealedBroker(ports.broker, ports.seals)), movements)


async def _movements(ports: Ports) -> dict[str, Movement]:
    told = False
    while True:
        try:
            return await Movements(ports.documents).all()
        except DocumentsUnavailable:
            if not told:
                logger("verb").warning("the documents do not answer yet")
            told = True
            await ports.clock.sleep(SECOND // 2)
