"""Survey's wiring."""

from collections.abc import Iterator

from services.survey.api import build_routes
from services.survey.evolve import evolve
from services.survey.handlers import decide
from services.survey.showing import Showing
from services.survey.surveys import Surveys
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import DESK, SURVEYS
from shared.decider import Decider
from shared.emissions import Emission
from shared.logic import Logic
from shared.service import Consumer, Ports, Service


def _broken(_desk: Surveys, _envelope: Envelope) -> Iterator[Emission]:
    yield from ()


LOGIC: Logic[Surveys] = Logic(
    source="survey", topic=SURVEYS, open=Surveys, decide=decide, evolve=evolve, next_timer=Surveys.next_timer,
    broken=_broken,
)  # fmt: skip


def build(ports: Ports) -> Service:
    """The service over its ports."""
    return Service(
        "survey",
        consumers=(
            Consumer("survey", DESK.name, lambda partition: Decider(LOGIC, partition), beats=True),
            Consumer("survey-wordings", DESK.name, lambda _partition: Showing(), beats=True),
            Consumer("survey-ended", SURVEYS.name, lambda _partition: Showing(), beats=True),
        ),
        routes=(build_routes(ports),),
    )
