"""Which parts of the five services a process is made of."""

from dataclasses import replace
from importlib import import_module

from shared.service import Ports, Service

NAMES = ("ingest", "router", "sla", "survey", "gateway")


def whole(ports: Ports) -> list[Service]:
    """All of them, as one process runs them."""
    return [_build(name, ports) for name in NAMES]


def alone(name: str, ports: Ports) -> list[Service]:
    """A process of one service. All doors are the gateway's, so that a desk has one address; ingest opens its own too,
    for installations that give customers another one."""
    if name == "gateway":
        return _gateway(ports)
    service = _build(name, ports)
    return [service if name == "ingest" else replace(service, routes=())]


def _gateway(ports: Ports) -> list[Service]:
    gateway = _build("gateway", ports)
    if ports.settings.role == "projector":
        return [replace(gateway, routes=())]
    beside = [_doors(_build(name, ports)) for name in ("ingest", "survey")]
    # the console takes every address that is nobody else's, so its routes stay last
    return [*beside, _doors(gateway) if ports.settings.role == "http" else gateway]


def _doors(service: Service) -> Service:
    """The service's routes, and what they need in whatever process they are."""
    return replace(
        service,
        consumers=tuple(consumer for consumer in service.consumers if consumer.everywhere),
        loops=tuple(loop for loop in service.loops if loop.everywhere),
    )


def _build(name: str, ports: Ports) -> Service:
    """A process loads what it is made of and nothing else: that is memory, and time until it is ready."""
    service: Service = import_module(f"services.{name}.app").build(ports)
    return service
