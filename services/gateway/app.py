"""With what: the gateway's projectors, its loops and its routes."""

from functools import partial

from services.gateway.api import build_router
from services.gateway.api.table import judging
from services.gateway.console import build_console
from services.gateway.gate import open_gate
from services.gateway.handlers import PROJECTIONS
from services.gateway.handlers.projection import Projection, Projector
from services.gateway.handlers.texts import TextProjector
from services.gateway.housekeeping import Housekeeping
from shared.catalogue.topics import COMMANDS, DELIVERIES
from shared.fold import Fold
from shared.service import Consumer, Loop, Ports, Service


def build(ports: Ports) -> Service:
    """Everything the gateway does in a process."""
    gate = open_gate(ports)
    housekeeping = Housekeeping(ports.documents, gate.desks, ports.clock)
    return Service(
        "gateway",
        consumers=(
            *(Consumer(one.name, one.topic, partial(_projector, one)) for one in PROJECTIONS),
            Consumer("texts", COMMANDS.name, _text_projector),
            Consumer("texts-sent", DELIVERIES.name, _text_projector),
        ),
        loops=(Loop("presence", gate.presence.run), Loop("housekeeping", housekeeping.run)),
        routes=(build_router(gate), build_console(gate)),
        judge=judging(gate),
    )


def _projector(projection: Projection, _partition: int) -> Fold:
    return Projector(projection)


def _text_projector(_partition: int) -> Fold:
    return TextProjector()
