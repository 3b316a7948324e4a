"""Which parts of the five services a process is made of."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import services.gateway.app
import services.ingest.app
import services.router.app
import services.sla.app
import services.survey.app
from shared.service import Ports, Service


def whole(ports: Ports) -> list[Service]:
    """All of them, as one process runs them."""
    return [build(ports) for build in SERVICES.values()]


def alone(name: str, ports: Ports) -> list[Service]:
    """A process of one service. All doors are the gateway's, so that a desk has one address; ingest opens its own too,
    for installations that give customers another one."""
    if name == "gateway":
        return _gateway(ports)
    service = SERVICES[name](ports)
    return [service if name == "ingest" else replace(service, routes=())]


def _gateway(ports: Ports) -> list[Service]:
    gateway = SERVICES["gateway"](ports)
    if ports.settings.role == "projector":
        return [replace(gateway, routes=())]
    beside = [_doors(SERVICES[name](ports)) for name in ("ingest", "survey")]
    # the console takes every address that is nobody else's, so its routes stay last
    return [*beside, _doors(gateway) if ports.settings.role == "http" else gateway]


def _doors(service: Service) -> Service:
    """The service's routes, and what they need in whatever process they are."""
    return replace(
        service,
        consumers=tuple(consumer for consumer in service.consumers if consumer.everywhere),
        loops=tuple(loop for loop in service.loops if loop.everywhere),
    )


SERVICES: Mapping[str, Callable[[Ports], Service]] = {
    "ingest": services.ingest.app.build,
    "router": services.router.app.build,
    "sla": services.sla.app.build,
    "survey": services.survey.app.build,
    "gateway": services.gateway.app.build,
}
