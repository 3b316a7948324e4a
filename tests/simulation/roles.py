"""The deciding services, by the logic their wiring hands to the engine."""

from services.router.app import LOGIC as ROUTER
from services.sla.app import LOGIC as SLA
from services.survey.app import LOGIC as SURVEY
from shared.catalogue.topics import COMMANDS, DESK
from shared.decider import Decider
from tests.simulation.crew import Role

ROLES = (
    Role("router", COMMANDS.name, lambda partition: Decider(ROUTER, partition)),
    Role("sla", DESK.name, lambda partition: Decider(SLA, partition)),
    Role("survey", DESK.name, lambda partition: Decider(SURVEY, partition)),
)
