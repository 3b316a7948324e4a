"""With what: the clocks' logic, and the one consumer that runs it."""

from services.sla.evolve import evolve
from services.sla.handlers.decide import broken, decide, next_timer
from services.sla.rules.lateness import SERVICE
from services.sla.store.clocks import Clocks
from shared.catalogue.topics import DESK, SLA
from shared.decider import Decider
from shared.logic import Logic
from shared.service import Consumer, Ports, Service

LOGIC: Logic[Clocks] = Logic(
    source=SERVICE, topic=SLA, open=Clocks, decide=decide, evolve=evolve, next_timer=next_timer, broken=broken
)  # fmt: skip


def build(ports: Ports) -> Service:
    """Clocks need nothing but the log."""
    return Service(SERVICE, consumers=(Consumer(SERVICE, DESK.name, lambda partition: Decider(LOGIC, partition)),))
