"""Facts into documents: per topic one table from a fact's class to what it changes. Every fact has a row."""

from services.gateway.handlers import clocks, desk, messages, people, surveys, tickets, work
from services.gateway.handlers.projection import Projection, Rows
from services.gateway.store import CLOCK_HISTORY, HISTORY, SURVEY_HISTORY
from shared.catalogue.topics import DESK, SLA, SURVEYS

DESK_ROWS: Rows = {**desk.ROWS, **people.ROWS, **messages.ROWS, **tickets.ROWS, **work.ROWS}

CONSOLE = Projection("console", DESK.name, DESK_ROWS, HISTORY.name)
CLOCKS = Projection("clocks", SLA.name, clocks.ROWS, CLOCK_HISTORY.name)
ANSWERS = Projection("surveys", SURVEYS.name, surveys.ROWS, SURVEY_HISTORY.name)

PROJECTIONS: tuple[Projection, ...] = (CONSOLE, CLOCKS, ANSWERS)
