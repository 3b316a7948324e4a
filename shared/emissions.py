"""What a rule may yield, and what a fold may put out."""

from dataclasses import dataclass

from shared.broker import Outgoing, Record
from shared.catalogue.commands import Command
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.facts import Fact
from shared.documents import Drop, Put


@dataclass(frozen=True, slots=True)
class Ask:
    """A command that accompanies the fact yielded just before it; its id is made from that fact and `name`.

    Who must recognise the command's outcome gives an `id` of their own, just as deterministic.
    """

    command: Command
    name: str
    id: str | None = None


Emission = Fact | DeliverMessage | Ask


BROKEN = "a rule failed on it"
"""Why a record is kept that could be read: a bug of ours, to be fixed."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that can never be applied, to be kept as a dead letter with its reason."""

    record: Record
    reason: str


Output = Outgoing | Put | Drop | Unreadable
