"""With what: the desk's logic, and the one consumer that runs it."""

from services.router.desk.desk import Desk
from services.router.handlers import broken, decide, evolve
from services.router.rules.timers import next_timer
from shared.catalogue.facts import MessageSent
from shared.catalogue.topics import COMMANDS, DESK
from shared.decider import Decider
from shared.logic import Logic
from shared.service import Consumer, Ports, Service

LOGIC: Logic[Desk] = Logic(
    source="router",
    topic=DESK,
    open=Desk,
    decide=decide,
    evolve=evolve,
    next_timer=next_timer,
    broken=broken,
    folds_own=True,
    counts=MessageSent,
)


def build(ports: Ports) -> Service:
    """The router needs nothing but its log."""
    return Service(
        "router", consumers=(Consumer("router", COMMANDS.name, lambda partition: Decider(LOGIC, partition)),)
    )
