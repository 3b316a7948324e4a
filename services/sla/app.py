"""What sla is made of: one fold of the desk's facts per partition."""

from services.sla.handlers.decide import LOGIC
from shared.catalogue.topics import DESK
from shared.decider import Decider
from shared.service import Consumer, Ports, Service


def build(ports: Ports) -> Service:
    """Clocks need nothing but the log."""
    return Service("sla", consumers=(Consumer("sla", DESK.name, lambda partition: Decider(LOGIC, partition)),))
