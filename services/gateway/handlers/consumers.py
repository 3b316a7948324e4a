"""What the gateway reads: facts into documents, and what people wrote into the text store."""

from functools import partial

from services.gateway.figures import Figures
from services.gateway.handlers import PROJECTIONS
from services.gateway.handlers.projection import Projection, Projector
from services.gateway.handlers.texts import TextProjector
from shared.catalogue.topics import COMMANDS, DELIVERIES
from shared.fold import Fold
from shared.service import Consumer


def build_consumers(figures: Figures) -> tuple[Consumer, ...]:
    """What became readable is counted; texts are no facts and are not."""
    return (
        *(Consumer(one.name, one.topic, partial(_projector, one), figures.count, beats=True) for one in PROJECTIONS),
        Consumer("texts", COMMANDS.name, _text_projector, beats=True),
        Consumer("texts-sent", DELIVERIES.name, _text_projector, beats=True),
    )


def _projector(projection: Projection, _partition: int) -> Fold:
    return Projector(projection)


def _text_projector(_partition: int) -> Fold:
    return TextProjector()
