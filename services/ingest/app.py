"""Ingest's wiring."""

from services.ingest.api import again, doors, sendings
from services.ingest.backlog import Backlog
from services.ingest.channel import Parts
from services.ingest.channels.table import CHANNELS
from services.ingest.counting import count_door
from services.ingest.delivery.fold import writing_down
from services.ingest.delivery.loop import Postman
from services.ingest.intake import Intake
from services.ingest.policies import Policies
from services.ingest.policy_fold import opening, reading
from shared.service import Ports, Service


def build(ports: Ports) -> Service:
    """The service over its ports. Raises OSError for a relay's password file that cannot be read."""
    policies, backlog = Policies(), Backlog(ports.clock)
    intake = Intake(ports.broker, ports.blobs, ports.clock, ports.secrets, backlog)
    offers = {row.channel: row.build(Parts(ports, policies, intake)) for row in CHANNELS}
    senders = {row.channel: offers[row.replies_by or row.channel].sender for row in CHANNELS}
    postman = Postman(ports, intake, {name: one for name, one in senders.items() if one}, policies.places)
    return Service(
        "ingest",
        consumers=(
            reading(policies, backlog),
            writing_down(postman.noticed, ports.made_before),
        ),
        loops=(
            opening(policies, ports.broker, ports.clock),
            *(loop for offer in offers.values() for loop in offer.loops),
            postman.loop(),
        ),
        routes=(
            doors.routes(count_door(ports.metrics, name, one) for name, offer in offers.items() for one in offer.doors),
            sendings.routes(postman.outbox),
            again.routes(ports.dead_letters, dict(way for offer in offers.values() for way in offer.redrive.items())),
        ),
    )
