"""Facts into documents: per topic one table from a fact's class to what it changes. Every fact has a row."""

from collections.abc import Sequence

from services.gateway.handlers import clocks, desk, messages, people, surveys, tickets, work
from services.gateway.handlers.projection import Projection, Rows
from services.gateway.store import (
    CLOCK_HISTORY,
    DESK_PROJECTION,
    HISTORY,
    SLA_PROJECTION,
    SURVEY_HISTORY,
    SURVEY_PROJECTION,
)
from shared.catalogue.topics import DESK, SLA, SURVEYS
from shared.documents import Collection

DESK_ROWS: Rows = {**desk.ROWS, **people.ROWS, **messages.ROWS, **tickets.ROWS, **work.ROWS}


def _names(collections: Sequence[Collection]) -> tuple[str, ...]:
    return tuple(collection.name for collection in collections)


CONSOLE = Projection("console", DESK.name, DESK_ROWS, HISTORY.name, _names(DESK_PROJECTION))
CLOCKS = Projection("clocks", SLA.name, clocks.ROWS, CLOCK_HISTORY.name, _names(SLA_PROJECTION))
ANSWERS = Projection("surveys", SURVEYS.name, surveys.ROWS, SURVEY_HISTORY.name, _names(SURVEY_PROJECTION))

PROJECTIONS: tuple[Projection, ...] = (CONSOLE, CLOCKS, ANSWERS)
