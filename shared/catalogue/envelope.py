"""The envelope: CloudEvents 1.0.2, binary mode. Attributes in headers, the body alone in the value."""

from typing import Any, NamedTuple

from shared.catalogue.commands import COMMANDS, Command
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.facts import DESK_FACTS, SLA_FACTS, SURVEY_FACTS, Fact
from shared.clock import Ms

Body = Command | Fact | DeliverMessage

_BODIES: tuple[type[Body], ...] = (*COMMANDS, *DESK_FACTS, *SLA_FACTS, *SURVEY_FACTS, DeliverMessage)
TYPES: dict[str, type[Body]] = {body.TYPE: body for body in _BODIES}


class Envelope(NamedTuple):
    """Who said what, when and why. A tuple, for it is made seven times per decision.

    `time` is the folded desk time of a fact and the sender's clock of a command. `seq` counts a desk's records in a
    topic with one writer, from 1, without holes; `position` is the input offset a fact comes from and `last` marks the
    final fact of that input, so that a lost checkpoint can be folded from facts alone. Commands have neither.
    """

    id: str
    source: str
    time: Ms
    organisation: str
    desk: str
    correlation: str
    causation: str
    body: Any
    seq: int = 0
    position: int = -1
    last: bool = False

    @property
    def type(self) -> str:
        return str(self.body.TYPE)

    @property
    def subject(self) -> str:
        kind, field = self.body.SUBJECT
        return f"{kind}/{getattr(self.body, field)}"
