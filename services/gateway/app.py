"""With what: the gateway's projectors, its loops and its routes."""

from services.gateway.api import build_router
from services.gateway.api.table import judging
from services.gateway.console import build_console
from services.gateway.figures import Figures
from services.gateway.gate import open_gate
from services.gateway.gauges import Gauges
from services.gateway.handlers.consumers import build_consumers
from services.gateway.housekeeping import Housekeeping
from shared.service import Loop, Ports, Service


def build(ports: Ports) -> Service:
    """Everything the gateway does in a process."""
    gate = open_gate(ports)
    housekeeping = Housekeeping(ports.documents, gate.desks, ports.clock)
    gauges = Gauges(ports.metrics, ports.documents, gate.desks, ports.dead_letters, ports.clock)
    ports.metrics.on_look(gauges.refresh)
    return Service(
        "gateway",
        consumers=build_consumers(Figures(ports.metrics, ports.clock)),
        loops=(
            Loop("presence", gate.presence.run),
            Loop("housekeeping", housekeeping.run),
            Loop("rebuilds", gate.rebuilds.run),
        ),
        routes=(build_router(gate), build_console(gate)),
        judge=judging(gate),
    )
