"""Ingest's wiring."""

from services.ingest.api import routes
from services.ingest.backlog import Backlog
from services.ingest.channel import Parts
from services.ingest.channels.table import CHANNELS
from services.ingest.intake import Intake
from services.ingest.policies import Policies, PolicyFold
from shared.catalogue.topics import DESK
from shared.service import Consumer, Ports, Service


def build(ports: Ports) -> Service:
    """The service over its ports."""
    policies, backlog = Policies(), Backlog(ports.clock)
    intake = Intake(ports.broker, ports.blobs, ports.clock, ports.secrets, backlog)
    parts = Parts(ports, policies, intake)
    offers = {row.channel: row.build(parts) for row in CHANNELS}
    return Service(
        "ingest",
        consumers=(Consumer("ingest.policies", DESK.name, lambda partition: PolicyFold(policies, backlog, partition)),),
        loops=tuple(loop for offer in offers.values() for loop in offer.loops),
        routes=(routes(door for offer in offers.values() for door in offer.doors),),
    )
