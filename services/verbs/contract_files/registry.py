"""Who writes and who reads each type, and in which topic: the answer to "whom do I ask before I change this?"."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.catalogue import commands as c
from shared.catalogue import facts as f
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.envelope import Body
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK, SLA, SURVEYS, Topic


@dataclass(frozen=True, slots=True)
class Contract:
    """One type's place in the flow. Readers are services whose behaviour depends on the type."""

    body: type[Body]
    topic: Topic
    writers: tuple[str, ...]
    readers: tuple[str, ...]


CLOCKED = ("sla", "gateway")
ASKING = ("survey", "gateway")
SHOWN = ("gateway",)

COMMAND_WRITERS: dict[type[Body], tuple[str, ...]] = {
    c.ReceiveMessage: ("ingest",),
    c.ReportDelivery: ("ingest",),
    c.Tick: ("router", "sla", "survey"),
    c.EscalateTicket: ("sla",),
    c.InviteToSurvey: ("survey",),
    c.AnswerSurvey: ("survey",),
    c.OpenTask: ("gateway", "survey"),
}
"""All others are written by gateway (API, verbs, CSV)."""

FACT_READERS: dict[type[Body], tuple[str, ...]] = {
    f.PolicyApplied: ("sla", "survey", "gateway", "ingest"),
    f.TimeReached: ("sla", "survey"),
    f.CustomersMerged: ("survey", "gateway"),
    f.MessageReceived: CLOCKED,
    f.MessageSent: ("sla", "survey", "gateway"),
    f.DeliveryReported: ("sla", "survey", "gateway"),
    f.TicketOpened: ("sla", "survey", "gateway"),
    f.StatusChanged: ("sla", "survey", "gateway"),
    f.TicketPrioritised: CLOCKED,
    f.TicketCategorised: CLOCKED,
    f.TicketRouted: ("sla", "survey", "gateway"),
    f.SpamMarked: ("sla", "survey", "gateway"),
    f.TicketMerged: ("sla", "survey", "gateway"),
    f.TicketUnmerged: ("sla", "survey", "gateway"),
    f.TaskOpened: CLOCKED,
    f.TaskCompleted: CLOCKED,
    f.SurveyAnswerReceived: ASKING,
}
"""All others are read by gateway alone."""


def _contracts() -> Iterable[Contract]:
    for command in c.COMMANDS:
        yield Contract(command, COMMANDS, COMMAND_WRITERS.get(command, ("gateway",)), ("router",))
    for topic, writer, kinds in (
        (DESK, "router", f.DESK_FACTS),
        (SLA, "sla", f.SLA_FACTS),
        (SURVEYS, "survey", f.SURVEY_FACTS),
    ):
        for fact in kinds:
            yield Contract(fact, topic, (writer,), FACT_READERS.get(fact, SHOWN))
    yield Contract(DeliverMessage, DELIVERIES, ("router",), ("ingest",))


CONTRACTS: dict[str, Contract] = {contract.body.TYPE: contract for contract in _contracts()}
